"""A letter says what it must, in whatever words, and nothing that it must not; nothing is left to fill in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.core.letters.links import find_links
from automation.core.letters.lint import judge_links, judge_rendered, judge_text, names_said
from automation.core.letters.model import Rendered, Rule
from automation.core.letters.phrase_grammar import compile_phrase
from automation.core.letters.placeholders import find_placeholders
from automation.core.letters.values import Person, Values
from automation.edge.letters import load_letters
from automation.edge.repository import load_processes
from tests.builders import ROOT

VALUES = {"ae": ("Alex Rivera", "Alex"), "csm": ("Casey Morgan", "Casey"), "customer": ("Northwind",)}
HOSTS = ("docs.gitlab.com", "about.gitlab.com")

AE = "{ae}|your account executive|your ae"
CSE = "cse*|customer success engineer*"
SUPPORT = (
    "to support|contact support|support team|gitlab support|our support|support portal|support ticket|"
    "ticket with support|with support|ask support|support helps|support will help|"
    "https://support.gitlab.com*"
)
TROUBLE = "trouble*|error*|outage*|problem*|incident*|bug*|broken|breaks|fails|down"
BASICS = "how to|how do i|basic question*|simple question*|technical question*|everyday question*"
ADVICE = "complex*|complicated|workflow*|advice|in depth|advanced|bigger question*|deeper"
WRITTEN = "in writing|by email|by mail|by e-mail|written|in an email"
ON_DEMAND = "on demand|on request|when you need|whenever you need|if you need|as needed|when needed|case by case"
MATERIAL = "documentation|docs|university|learning|tutorial*|forum|blog|video*|webinar*|resource*|material*"
ASK = "contact|turn to|reach out to|write to|ask|talk to|speak to|go to"
EVERYTHING = "anything|everything|any question*|all question*|whatever"
FEATURES = "feature*|capabilit*|function*"
CSM_NAMES = "csm|customer success manager"

# What the letters' rules may be made of. Whoever writes rules or front matter copies from here.
RECOMMENDED = {
    "must_say": {
        "ae-is-the-contact": Rule(
            "The AE is the customer's primary contact",
            (
                f"{AE} ... primary|main|principal|central ... contact",
                f"{AE} ... your contact|first contact|point of contact|person to contact|first port of call",
                (
                    "contact ... is {ae}|is now {ae}|will be {ae}|becomes {ae}|remains {ae}|stays {ae}|is "
                    "your account executive|will be your account executive|is your ae|will be your ae"
                ),
                (
                    f"from now on|going forward|in future|in the future|first|{EVERYTHING} ... contact|"
                    f"turn to|reach out to|reach|write to|ask|talk to|speak to|go to ... {AE}"
                ),
                f"{ASK} ... {AE} ... first|from now on|going forward|{EVERYTHING}",
            ),
            ("S0-50", "S0-3"),
        ),
        "cse-is-pooled": Rule(
            "The CSE team is pooled, nobody of it belongs to one customer",
            (
                f"{CSE} ... pooled|pool|shared|whoever|whichever",
                f"pooled|pool of|shared team|shared group|whoever|whichever ... {CSE}",
                f"{CSE} ... not|never|rather than|instead of ... dedicated|assigned|tied",
                f"no|not|never|without ... dedicated|assigned|named ... {CSE}|engineer",
            ),
            ("S0-51", "S0-2"),
        ),
        "cse-is-on-demand": Rule(
            "A CSE helps on demand",
            (
                f"{CSE} ... {ON_DEMAND}",
                f"{ON_DEMAND} ... {CSE}",
            ),
            ("S0-51", "S0-2"),
        ),
        "cse-through-the-ae": Rule(
            "A CSE is asked for through the AE",
            (
                f"{CSE} ... through|via|ask|tell|contact|write to|talk to|let ... {AE}",
                f"through|via|ask|tell|contact|write to|talk to|let ... {AE} ... {CSE}",
                (
                    f"{AE} ... arrange*|bring*|involve*|request*|book*|schedule*|connect*|organise*|"
                    f"organize*|in touch ... {CSE}"
                ),
            ),
            ("S0-51", "S0-17"),
        ),
        "self-service": Rule(
            "There is help to use on one's own, at any time",
            (
                (
                    "self service|self serve|self help|self guided|self paced|self led ... available|"
                    "find|use|start|explore|help*|at any time|any time|anytime|include*|offer*|open|"
                    "access|is|are"
                ),
                (
                    "find|use|start|explore|have|offer*|are|is ... self service|self serve|self help|"
                    "self guided|self paced|self led"
                ),
                f"on your own|help yourself|by yourself|at your own pace|without waiting ... {MATERIAL}",
                (
                    f"{MATERIAL} ... on your own|help yourself|by yourself|at your own pace|at any time|any "
                    "time|anytime|always|available|open to you"
                ),
            ),
            ("S0-52",),
        ),
        "cse-not-on-calls": Rule(
            "CSEs do not join calls (a short introductory call, arranged by the AE, is allowed)",
            (
                (
                    f"{CSE} ... not|never|no longer ... join*|attend*|part in|participate*|sit in|be on|"
                    "on|dial in|present ... call*|meeting*"
                ),
                (
                    "no cse*|no customer success engineer*|none of our cse*|none of our customer success "
                    "engineer* ... join*|attend*|part in|participate*|be on|on ... call*|meeting*"
                ),
                f"call*|meeting* ... without|not|never ... {CSE}",
            ),
            ("S0-53", "S0-4"),
        ),
        "trouble-goes-to-support": Rule(
            "Trouble, errors and outages go to Support",
            (
                f"{TROUBLE} ... {SUPPORT}",
                f"{SUPPORT} ... {TROUBLE}",
            ),
            ("S3-67",),
        ),
        "how-to-goes-to-support": Rule(
            "Basic how-to questions go to Support",
            (
                f"{BASICS} ... {SUPPORT}",
                f"{SUPPORT} ... {BASICS}",
            ),
            ("S3-67",),
        ),
        "advice-in-writing": Rule(
            "Complex advice is asked for in writing, from the AE",
            (
                (
                    f"{ADVICE} ... in writing|by email|by mail|by e-mail|write to|written|email|e-mail|"
                    f"in an email|put ... {AE}"
                ),
                f"{ADVICE} ... {AE} ... {WRITTEN}",
                f"write to|in writing|written|email|e-mail ... {AE} ... {ADVICE}",
                f"{AE} ... {WRITTEN} ... {ADVICE}",
                f"{AE} ... {ADVICE} ... {WRITTEN}",
            ),
            ("S3-68",),
        ),
        "features-lost": Rule(
            "Which features the customer loses",
            (
                f"lose|losing|lost|lack ... {FEATURES}",
                f"{FEATURES} ... lose|losing|lost|end|ends|disappear*|go away|goes away",
                (
                    "no longer|not|without|cannot ... have|use|access|include*|be able to use|part of|"
                    f"available ... {FEATURES}"
                ),
                f"{FEATURES} ... no longer|not ... have|use|access|include*|part of|available",
            ),
            ("S3-69",),
            {"cause": ("Downgrade", "Churn")},
        ),
        "comparison-page": Rule(
            "The page that compares the features",
            (
                (
                    "feature comparison|comparison of features|comparison of the features|comparison page|"
                    "https://about.gitlab.com/pricing/feature-comparison*"
                ),
                "compare*|comparison ... feature*|plans|tiers|subscriptions|editions",
                "feature*|plans|tiers|subscriptions|editions ... compare*|comparison",
            ),
            ("S3-69",),
            {"cause": ("Downgrade", "Churn")},
        ),
        "documentation": Rule(
            "The documentation, as help to use on one's own",
            ("documentation|docs|https://docs.gitlab.com*",),
            ("S3-70",),
        ),
        "blog": Rule(
            "The blog, as help to use on one's own",
            ("blog|blogs|blog post*|https://about.gitlab.com/blog*",),
            ("S3-70",),
        ),
        "videos": Rule(
            "The videos, as help to use on one's own", ("video*|youtube|https://www.youtube.com*",), ("S3-70",)
        ),
        "forum": Rule(
            "The community forum, as help to use on one's own", ("forum|forums|https://forum.gitlab.com*",), ("S3-70",)
        ),
    },
    "must_not_say": {
        "dedicated-cse": Rule(
            "A CSE of the customer's own (the team is pooled)",
            (
                (
                    "dedicated cse*|dedicated customer success|dedicated engineer*|dedicated success|"
                    "dedicated technical|dedicated contact*|dedicated point|dedicated person|dedicated "
                    "expert*|dedicated specialist*|dedicated resource*|dedicated team|dedicated support|"
                    "dedicated help|dedicated csm*|dedicated manager*|dedicated advis*|dedicated named|"
                    "dedicated single|dedicated attention|dedicated time"
                ),
                (
                    "dedicated to you*|dedicated to {customer}|dedicated just|dedicated only|dedicated "
                    "solely|dedicated exclusively|exclusively dedicated|solely dedicated|fully dedicated"
                ),
                f"{CSE}|engineer* ... is dedicated|are dedicated|be dedicated|dedicated for",
                (
                    "your own cse*|your own customer success engineer*|your own engineer*|your personal "
                    "cse*|your personal customer success engineer*|your personal engineer*|your assigned "
                    "cse*|your assigned customer success engineer*|your assigned engineer*|your named cse*|"
                    "your named customer success engineer*|your named engineer*"
                ),
            ),
            ("S0-2", "S0-51"),
        ),
        "cse-on-calls": Rule(
            "A CSE joins the customer's calls",
            (
                (
                    f"{CSE} ... will join|will attend|will be on|will take part|will participate|can join|"
                    "can attend|joins|join|attends|attend ... transition call*|our call*|your call*|the "
                    "call|all call*|every call|calls|call with us"
                ),
            ),
            ("S0-53", "S0-4"),
        ),
        "promises-of-the-csm": Rule(
            "What the CSM will do (only the CSM may say that)",
            (
                (
                    "{csm} will|{csm} always will|{csm} then will|csm will|customer success manager will|"
                    "{csm} is going to|csm is going to|customer success manager is going to|{csm} shall|csm "
                    "shall|customer success manager shall"
                ),
                (
                    f"{{csm}}|{CSM_NAMES} ... will make|will ensure|will take|will help|will run|will "
                    "lead|will deliver|will provide|will guide|will build|will give|will hold|will see "
                    "to|makes sure|ensures|guarantee*|promise*|commit*|takes care"
                ),
                (
                    "will be|going to be ... by {csm}|by your csm|by the csm|by your customer success "
                    "manager|by the customer success manager|by your new csm"
                ),
                (
                    "you will get|you will receive|you will have|you get|you receive|you will hear|you "
                    "can expect|expect ... from {csm}|from your csm|from the csm|from your customer success "
                    "manager|from the customer success manager"
                ),
                f"count on|rely on|depend on ... {{csm}}|{CSM_NAMES}",
            ),
            ("S2-69",),
        ),
        "guarantees": Rule(
            "A guarantee or a promise", ("guarantee*|we promise|i promise|you have my word|rest assured",), ("S2-69",)
        ),
        "internal-words": Rule(
            "Words that only GitLab uses among its own people",
            (
                (
                    "arr|annual recurring revenue|churn*|comp pool*|compensation pool*|gainsight|"
                    "salesforce|sfdc|tam scale|health score*|active book|book of business|cta|ctas|red "
                    "account*|lam|landed addressable market|command plan*|gong"
                ),
            ),
            ("S0-51",),
        ),
        "prices": Rule(
            "Prices and discounts",
            ("<money>|discount*|list price*|price per|per seat|net price*|price increase*|price list*",),
            (),
        ),
        "webinar-dates": Rule(
            'A fixed date of a webinar (write "upcoming" and link to the list)',
            (
                "webinar*|workshop*|lab|labs|hands on ... <date>",
                "<date> ... webinar*|workshop*|lab|labs|hands on",
            ),
            ("S0-109",),
        ),
    },
}

# For each rule: what a person would accept as saying it, and what does not say it.

SAID_OR_NOT = {
    "ae-is-the-contact": (
        [
            "Your primary contact is now Alex Rivera.",
            "Alex Rivera, your Account Executive, will be your main point of contact.",
            "From now on, please reach out to Alex for any questions.",
            "From December on, Alex is your first contact at GitLab.",
            "Going forward you can turn to Alex with anything.",
            "Please don't hesitate to contact Alex first.",
            "Your Account Executive, Alex Rivera, remains your primary GitLab contact.",
            "Contact Alex Rivera with all questions about your subscription.",
            "Alex Rivera isn't new to you: from now on, Alex is your central contact.",
            "We do not join calls, but Alex Rivera is your point of contact.",
        ],
        [
            "Alex Rivera is not your primary contact.",
            "Casey Morgan is your primary contact.",
            "Alex Rivera is no longer your main contact.",
            "Your primary contact will never be Alex Rivera.",
            "Alex's manager is your primary contact.",
            "Alex Rivera sends kind regards.",
            "Please contact Support with any questions.",
            "Instead of Alex Rivera, your primary contact is Casey Morgan.",
            "Casey Morgan remains your primary contact. Alex Rivera sends greetings.",
            "Your primary contact isn't Alex.",
            "You can contact us at any time.",
        ],
    ),
    "cse-is-pooled": (
        [
            "Our CSEs work as a pooled team.",
            "The CSE team is shared by many customers.",
            "A pooled team of Customer Success Engineers is there for you.",
            "CSEs are pooled, not dedicated.",
            "Our Customer Success Engineers are not assigned to single customers.",
            "You will not have a dedicated CSE; whoever is free will help.",
            "CSEs aren't dedicated to one customer.",
            "Whichever CSE knows your topic best will answer.",
        ],
        [
            "A dedicated CSE looks after you.",
            "Our CSEs are not pooled.",
            "The CSE team is happy to help.",
            "Our Support engineers are a pooled team.",
            "Your CSE is assigned to you alone.",
            "Our CSEs are no longer pooled but dedicated.",
            "CSEs are not only dedicated but local.",
            "We shared your plans. The CSE team knows them.",
        ],
    ),
    "cse-is-on-demand": (
        [
            "CSEs help on demand.",
            "You can ask for a CSE whenever you need one.",
            "Our CSE team works on request.",
            "Customer Success Engineers support you on-demand.",
            "If you need a CSE, let Alex know.",
            "On demand, a Customer Success Engineer joins your project.",
            "The CSE team is there when you need it.",
            "A CSE helps case by case.",
        ],
        [
            "A CSE works with you every week.",
            "CSEs do not work on demand.",
            "Support is there on demand.",
            "Our CSEs are always at your side.",
            "The CSE team never works on request.",
            "There is demand for CSEs.",
            "Training is on demand. CSEs write it.",
            "CSEs are not available on demand.",
        ],
    ),
    "cse-through-the-ae": (
        [
            "You reach the CSE team through Alex Rivera.",
            "To work with a CSE, just ask Alex.",
            "Alex will bring in a CSE when you need one.",
            "Alex can arrange a session with one of our CSEs.",
            "Let Alex know, and a Customer Success Engineer will help.",
            "Requests for a CSE go via your Account Executive.",
            "Please write to Alex if you'd like help from a CSE.",
            "The CSE team is engaged through your AE.",
        ],
        [
            "You reach the CSE team through Casey Morgan.",
            "CSEs are not requested through Alex.",
            "Alex Rivera is not able to arrange a CSE.",
            "You can write to our CSEs directly.",
            "Don't ask Alex for a CSE.",
            "Ask Support for help. A CSE may join.",
            "Alex is your Account Executive.",
            "Reach out to the CSE team.",
        ],
    ),
    "self-service": (
        [
            "Self-service resources are available at any time.",
            "You'll find self-serve material in GitLab University.",
            "You can help yourself in our documentation.",
            "Our documentation and forum are open to you.",
            "We offer self-guided courses.",
            "The docs are always available.",
            "Learn at your own pace with our tutorials and videos.",
            "In the meantime, explore our self service resources.",
        ],
        [
            "Self-service resources aren't available.",
            "There's no self-service.",
            "You will no longer find self-service material.",
            "We wrote documentation for our staff.",
            "Your own team is great.",
            "The forum is never available.",
            "Support answers your tickets.",
            "A CSE serves you at your own pace.",
        ],
    ),
    "cse-not-on-calls": (
        [
            "CSEs do not join customer calls.",
            "Our CSEs won't join transition calls.",
            "Please note that Customer Success Engineers don't take part in these calls.",
            "No CSE will attend our meetings.",
            "CSEs never join calls, but Alex can arrange a short introductory call with one of them.",
            "CSEs cannot attend transition calls.",
            "None of our CSEs joins the calls.",
            "The calls take place without CSEs.",
            "CSEs do not, however, join calls.",
        ],
        [
            "CSEs join calls.",
            "CSEs will not only join calls but also run workshops.",
            "Your CSM does not join calls.",
            "CSEs don't hesitate to join calls.",
            "Not every CSE joins calls.",
            "CSEs do not write mails, they join calls.",
            "We do not join calls.",
            "CSEs aren't dedicated but join calls.",
            "CSEs do not always join calls.",
            "Do CSEs join calls?",
        ],
    ),
    "trouble-goes-to-support": (
        [
            "For trouble, errors or outages, please contact Support.",
            "Errors and outages go to Support.",
            "If something breaks, open a support ticket.",
            "Please contact Support about any outage.",
            "Our Support team helps with errors and outages.",
            "Please send problems to Support.",
            "Support will help when GitLab is down.",
            "Report incidents in the support portal.",
        ],
        [
            "For errors, please contact Alex.",
            "Do not contact Support for errors.",
            "Outages do not go to Support.",
            "We support you in everything.",
            "Thank you for reporting errors.",
            "Contact Alex instead of Support for outages.",
            "Please contact Support. Errors happen.",
            "Your AE supports you during outages.",
        ],
    ),
    "how-to-goes-to-support": (
        [
            "Basic how-to questions go to Support.",
            'For basic "how to" questions, please contact Support.',
            "Our Support team answers simple questions.",
            "Please ask Support how to set up a runner.",
            "Technical questions are best sent to Support.",
            "Support will help with everyday questions.",
            "Contact Support with how-to questions.",
            "Open a support ticket for basic questions.",
        ],
        [
            "How-to questions go to Alex.",
            "Do not contact Support for basic questions.",
            "We support your plans.",
            "Please ask Alex how to set up a runner.",
            "Basic questions never go to Support.",
            "For complex questions contact Support's manager.",
            "Support has basic opening hours.",
            "Simple questions are welcome. Support is closed.",
        ],
    ),
    "advice-in-writing": (
        [
            "For complex workflow advice, please write to Alex.",
            "Please send complex questions in writing to Alex.",
            "Write to Alex for advice on workflows.",
            "Alex takes your complex questions by email.",
            "Put more complex how-to questions in writing and send them to your Account Executive.",
            "In writing, your AE can get advice for you from the whole team.",
            "Email Alex about advanced topics.",
            "For in-depth advice, Alex is best reached by e-mail.",
        ],
        [
            "For complex advice call Alex.",
            "For complex advice, write to Support.",
            "Do not write to Alex for complex advice.",
            "Alex gives complex advice in person.",
            "Write to Alex.",
            "Complex workflows are hard. Write to Alex.",
            "Never send complex questions in writing to Alex.",
            "For complex advice write to Casey.",
        ],
    ),
    "features-lost": (
        [
            "You will lose the following features.",
            "These features will no longer be available.",
            "You won't be able to use these features.",
            "With the downgrade, some capabilities are lost.",
            "You'll no longer have access to some features.",
            "Features that end with your subscription: epics, roadmaps.",
            "You will not have all features of Ultimate.",
            "Your teams lose access to advanced features.",
        ],
        [
            "You keep all features.",
            "You will not lose any features.",
            "No features are lost.",
            "Your features are great.",
            "You will have new features.",
            "Nothing is lost. Features stay.",
            "You never lose features.",
            "Your features remain available.",
        ],
    ),
    "comparison-page": (
        [
            "See our feature comparison for details.",
            "You can compare the plans on our website.",
            "The comparison page lists everything.",
            "Here is a comparison of the tiers.",
            "https://about.gitlab.com/pricing/feature-comparison/ shows it.",
            "Features of all tiers can be compared online.",
            "Compare features at https://about.gitlab.com/pricing/feature-comparison.",
            "The features of each plan are in this comparison.",
        ],
        [
            "We can't compare plans.",
            "In comparison to last year you grew.",
            "See our features.",
            "Your plans are great.",
            "There is no feature comparison.",
            "The plans are listed here.",
            "Compare this with your notes.",
            "Beyond compare.",
        ],
    ),
    "documentation": (
        [
            "Our documentation explains it.",
            "See the docs.",
            "GitLab Documentation: https://docs.gitlab.com",
            "https://docs.gitlab.com/ee/user/ has more.",
            "You can read the DOCS.",
            "The documentation, the blog and the forum are open to you.",
            "Have a look at docs.gitlab.com.",
            "Help: documentation and videos",
        ],
        [
            "There is no documentation.",
            "We document everything.",
            "The documentation is not available.",
            "Without documentation.",
            "The doctor is in.",
            "https://docs.evil.com",
            "Read the blog.",
            "Your CSM documents it.",
        ],
    ),
    "blog": (
        [
            "Our blog has more.",
            "Read the blog post.",
            "https://about.gitlab.com/blog/ is full of ideas.",
            "Blogs, videos, forum.",
            "See the GitLab Blog.",
            "Blog posts are published weekly.",
            "The documentation, our blog and videos help.",
            "- Blog: https://about.gitlab.com/blog/",
        ],
        [
            "There is no blog.",
            "The blog is no longer available.",
            "Weblog",
            "Read the docs.",
            "Without our blog.",
            "Bloggers",
            "Never read the blog.",
            "https://blog.evil.com",
        ],
    ),
    "videos": (
        [
            "Our videos show it.",
            "Watch a video.",
            "See our YouTube channels.",
            "https://www.youtube.com/@GitLab",
            "Video tutorials are there.",
            "Docs, blog, videos, forum.",
            "YouTube",
            "- Videos: https://www.youtube.com/@GitLab",
        ],
        [
            "There are no videos.",
            "We do not publish videos.",
            "Read the docs.",
            "The videos are not available.",
            "Without videos.",
            "Visit us.",
            "https://youtube.evil.com",
            "Never on YouTube.",
        ],
    ),
    "forum": (
        [
            "Ask in the community forum.",
            "https://forum.gitlab.com is open.",
            "Our forums are open.",
            "The forum helps.",
            "Docs, blog, videos, forum.",
            "Join the GitLab Forum!",
            "- Forum: https://forum.gitlab.com/",
            "Other users answer in the forum.",
        ],
        [
            "There is no forum.",
            "The forum isn't available.",
            "The fora.",
            "Read the docs.",
            "Without the forum.",
            "A platform for you",
            "https://forum.evil.com",
            "Never use the forum.",
        ],
    ),
    "dedicated-cse": (
        [
            "You will have a dedicated CSE.",
            "A dedicated Customer Success Engineer helps.",
            "Your CSE is dedicated to you.",
            "Our CSEs are dedicated to Northwind.",
            "You get a dedicated point of contact.",
            "Enjoy dedicated support.",
            "Your assigned CSE will help.",
            "Not only a dedicated engineer, but two.",
            "You will have a dedi\xadcated CSE.",
            "A DEDICATED CSE awaits you.",
        ],
        [
            "Our CSEs are pooled, not dedicated.",
            "You will not have a dedicated CSE.",
            "A dedicated CSE is not part of CSE+.",
            "You never get a dedicated engineer.",
            "You use GitLab Dedicated.",
            "Our CSEs can help with GitLab Dedicated.",
            "There is no dedicated contact.",
            "CSEs help on demand rather than as dedicated engineers.",
            "CSEs are no longer dedicated to you.",
            "Without a dedicated CSE.",
        ],
    ),
    "cse-on-calls": (
        [
            "A CSE will join our call.",
            "Our CSEs join every call.",
            "CSEs will attend the call.",
            "A Customer Success Engineer will be on the call with us.",
            "CSEs can join your calls.",
            "Our CSE joins the transition call.",
            "CSEs will take part in all calls.",
            "CSEs will not only join calls but run them.",
        ],
        [
            "CSEs do not join calls.",
            "A CSE will not join our call.",
            "Alex can arrange a short introductory call with one of our CSEs.",
            "No CSE will join the call.",
            "Casey will join our call.",
            "CSEs never attend calls.",
            "I'll be on the call.",
            "CSEs won't join your calls.",
        ],
    ),
    "promises-of-the-csm": (
        [
            "Your CSM will help you with adoption.",
            "Casey will make sure that you succeed.",
            "Casey Morgan'll run a workshop.",
            "The Customer Success Manager is going to build a plan.",
            "Your onboarding will be led by Casey.",
            "You will receive a plan from your CSM.",
            "You can count on Casey.",
            "Your CSM, Casey Morgan, will deliver training.",
            "Casey guarantees success.",
            "You can rely on your CSM.",
            "Casey's going to run workshops.",
            "Your onboarding is going to be led by your CSM.",
            "Expect a first plan from Casey.",
            "Your CSM will not only advise but also build it.",
        ],
        [
            "Your CSM might help you with adoption.",
            "Casey may propose a plan.",
            "Your CSM will not be on the call.",
            "A CSM often helps with adoption.",
            "Your AE will contact you.",
            "Ask Casey about it.",
            "We will introduce you to your CSM.",
            "Casey is your CSM.",
            "Casey's predecessor will write.",
        ],
    ),
    "guarantees": (
        [
            "We guarantee it.",
            "This is guaranteed.",
            "I promise that it works.",
            "We promise you a quick answer.",
            "You have my word.",
            "Rest assured that it works.",
            "A guarantee is given.",
            "Success guaranteed!",
        ],
        [
            "We cannot guarantee it.",
            "This isn't guaranteed.",
            "We don't promise anything.",
            "A promising start.",
            "There is no guarantee.",
            "Take some rest.",
            "We never guarantee dates.",
            "Nobody guarantees it.",
        ],
    ),
    "internal-words": (
        [
            "Your ARR is 2.",
            "You may churn.",
            "This goes to the comp pool.",
            "We track it in Gainsight.",
            "See Gainsight's report.",
            "Salesforce says so.",
            "You are with TAM Scale.",
            "Your health score is low.",
            "You leave my active book.",
            "My book of business",
            "We opened a CTA.",
            "A red account",
            "Your LAM is big.",
            "landed addressable market",
            "The command plan",
            "In Gong.",
        ],
        [
            "You arrive today.",
            "A large number of users.",
            "Slam it.",
            "A comprehensive pool of ideas",
            "Your health is good.",
            "Gone are the days.",
            "Our action plan",
            "A book on business",
            "Activate your account.",
        ],
    ),
    "prices": (
        [
            "It costs $500.",
            "EUR 12k a year",
            "That's 300 euros.",
            "You get a discount.",
            "The list price applies.",
            "We charge per seat.",
            "1.2M USD",
            "A price increase comes.",
        ],
        [
            "You have 500 users.",
            "GitLab 17.2 is out.",
            "The price of success is practice.",
            "We do not discuss discounts.",
            "It is 3.5 times faster.",
            "No discounts apply.",
            "Version 12k",
            "See our pricing page.",
        ],
    ),
    "webinar-dates": (
        [
            "Our next webinar is on 30 November 2026.",
            "Join the webinar on Nov 3rd.",
            "On 2026-11-30 we run a hands-on lab.",
            "The workshop takes place on Tuesday the 3rd.",
            "Webinar: 3/11/2026",
            "Webinar (November 3, 2026)",
            "Labs start on 3 Dec.",
            "On 30.11.2026 there is a webinar.",
        ],
        [
            "See our upcoming webinars.",
            "Webinars take place every Tuesday.",
            "Your handover is on 30 November 2026. Webinars follow.",
            "Our webinars may 3 times a year repeat.",
            "A webinar with 30 people",
            "24/7 webinars",
            "Labs run regularly.",
            "There is no webinar on 30 November 2026.",
        ],
    ),
}

RULES = {name: rule for rules in RECOMMENDED.values() for name, rule in rules.items()}


def holds(name, text):
    """Tell whether the text says what the rule is about, be it wanted or banned."""
    return not judge_text(text, [Rule(RULES[name].title, RULES[name].phrases)], [], VALUES, {})


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, (said, _) in SAID_OR_NOT.items() for text in said])
def test_a_rule_recognises_what_a_person_would_accept(name, text):
    assert holds(name, text)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, (_, nots) in SAID_OR_NOT.items() for text in nots])
def test_a_rule_does_not_take_something_else_for_it(name, text):
    assert not holds(name, text)


@pytest.mark.parametrize("name", RULES)
def test_every_recommended_rule_has_at_least_8_phrasings_of_each_kind(name):
    assert all(len(texts) >= 8 for texts in SAID_OR_NOT[name])


@pytest.mark.parametrize("name", RULES)
def test_every_recommended_phrase_can_be_read(name):
    assert all(compile_phrase(phrase).parts for phrase in RULES[name].phrases)


# --- judging a text ---------------------------------------------------------------------------------------------------

CONTACT = Rule("The AE is the contact.", ("{ae} ... main|primary contact",), ("S0-50",))
NO_CHURN = Rule("Internal words", ("churn*|arr", "gainsight"), ("S0-51",))


def test_a_text_that_is_right_gets_no_complaint():
    assert judge_text("Alex is your main contact.", [CONTACT], [NO_CHURN], VALUES, {}) == ()


def test_what_is_missing_is_named_with_an_example_and_its_source():
    (complaint,) = judge_text("Hello.", [CONTACT], [], VALUES, {})
    assert (complaint.kind, complaint.said, complaint.source) == ("missing", "", ("S0-50",))
    assert complaint.message == (
        "It does not say this: The AE is the contact. "
        "Write it, for example with `Alex Rivera ... main`, in one sentence."
    )


def test_what_is_missing_is_named_without_an_example_where_the_issue_has_no_value():
    (complaint,) = judge_text("Hello.", [CONTACT], [], {}, {})
    assert complaint.message == "It does not say this: The AE is the contact. Write it."


def test_what_must_not_be_said_is_quoted_with_its_sentence():
    (complaint,) = judge_text("All is well. Your ARR may churn.", [], [NO_CHURN], VALUES, {})
    assert (complaint.kind, complaint.said, complaint.source) == ("banned", "Your ARR may churn.", ("S0-51",))
    assert complaint.message == (
        "It must not say this: Internal words. Take `ARR` and `churn` out, or say it otherwise, where it says "
        "`Your ARR may churn.`."
    )


def test_a_broken_rule_makes_one_complaint_with_every_word_and_sentence_that_breaks_it():
    (complaint,) = judge_text("Churn stands in Gainsight. See Gainsight.", [], [NO_CHURN], VALUES, {})
    assert complaint.said == "Churn stands in Gainsight."
    assert "Take `Churn` and `Gainsight` out," in complaint.message
    assert complaint.message.endswith("where it says `Churn stands in Gainsight.` and `See Gainsight.`.")


def test_at_most_five_sentences_are_quoted_for_a_rule():
    text = "".join(f"Churn number {number}.\n" for number in range(9))
    (complaint,) = judge_text(text, [], [NO_CHURN], VALUES, {})
    assert complaint.message.count("Churn number") == 5


def test_what_people_typed_is_quoted_as_data():
    values = {"ae": ("`/close` @all <b>",)}
    (missing,) = judge_text("Hello.", [CONTACT], [], values, {})
    (banned,) = judge_text("Ask @all: churn `now`", [], [NO_CHURN], values, {})
    assert "`` `/close` @all <b> ... main ``" in missing.message
    assert "`Ask @all: churn 'now'`" in banned.message


@pytest.mark.parametrize(
    ("when", "facts", "applies"),
    [
        ({}, {}, True),
        ({"cause": ("Churn", "Downgrade")}, {"cause": "Churn"}, True),
        ({"cause": ("Churn",)}, {"cause": "Other"}, False),
        ({"cause": ("Churn",)}, {}, False),
        ({"cause": ("None",)}, {"cause": None}, False),
        ({"seats": ("5",)}, {"seats": 5}, True),
        ({"use": ("CI",)}, {"use": ("Planning", "CI")}, True),
        ({"use": ("CI",)}, {"use": ["Planning"]}, False),
        ({"cause": ("Churn",), "seats": ("5",)}, {"cause": "Churn", "seats": 6}, False),
    ],
)
def test_a_rule_counts_only_for_the_handovers_it_is_for(when, facts, applies):
    wanted = Rule("Wanted", ("contact",), (), when)
    banned = Rule("Banned", ("churn",), (), when)
    assert len(judge_text("Your churn.", [wanted], [banned], {}, facts)) == (2 if applies else 0)


def test_what_was_not_filled_in_is_a_complaint():
    (complaint,) = judge_text("Dear [CUSTOMER] team,", [], [], VALUES, {})
    assert (complaint.kind, complaint.said) == ("placeholder", "[CUSTOMER]")
    assert complaint.message == (
        "It still says `[CUSTOMER]`, which nobody filled in: write what belongs there, or take it out."
    )


# --- the rules of the letters -----------------------------------------------------------------------------------------

LETTERS = load_letters(ROOT, load_processes(ROOT)).letters
PEOPLE = {
    "ae": Person(("Alex Rivera",)),
    "cse": Person(("Dana Levi",)),
    "csm": Person(("Carol Reyes",)),
    "sa": Person(("Sam Okoye",)),
}
FACTS = {
    "customer": "Northwind",
    "handover_date": "2026-11-30",
    "welcome_call_on": "2026-11-30",
    "talked_on": "2026-11-30",
    "cause": "Other",
}
ISSUE = Values(frozenset(), FACTS, PEOPLE)


def broken_rules(letter, text, kind):
    """Return the titles of the letter's rules that the text breaks, as the complaints name them."""
    rules = LETTERS[letter].must_say if kind == "missing" else LETTERS[letter].must_not_say
    found = judge_rendered(LETTERS[letter], Rendered("", "", "", text, ""), ISSUE, HOSTS)
    said = [each.message for each in found if each.kind == kind]
    return [rule.title for rule in rules if any(f" this: {rule.title.rstrip('.')}. " in message for message in said)]


POOLED = "The CSE team is a pool, nobody of it belongs to one customer"
ON_DEMAND_TITLE = "A CSE helps on demand"
THROUGH_AE = "A CSE is asked for through the AE"
WELCOME = "Questions are welcome"
FROM_WHEN = "It says from which day on"
INVITES = "It invites to the Welcome to GitLab call, with its day"
MEETS = "The customer meets the CSM there"
INTRODUCES = "It introduces the CSM"
POOL_SAID = "CSEs are a pooled resource: whoever is free will help, whenever you ask Alex for it."


@pytest.mark.parametrize(
    ("letter", "title", "text"),
    [
        ("cse-plus-transition", POOLED, POOL_SAID),
        ("cse-plus-transition", ON_DEMAND_TITLE, POOL_SAID),
        ("cse-plus-transition", THROUGH_AE, POOL_SAID),
        ("cse-plus-transition", ON_DEMAND_TITLE, "You can get their help on request - Alex organises it."),
        ("cse-plus-transition", THROUGH_AE, "You can get their help on request - Alex organises it."),
        ("cse-plus-transition", WELCOME, "Any questions? Just reply to this email."),
        ("cse-plus-transition", WELCOME, "My door is open for questions."),
        ("cse-plus-transition", FROM_WHEN, "From Nov 30th on, Alex takes over."),
        ("welcome-call-invitation", INVITES, "The Welcome to GitLab call is on Monday, 30 November."),
        ("welcome-call-invitation", MEETS, "After an introduction to Carol we talk about your goals."),
        ("welcome-call-invitation", MEETS, "There you meet Carol Reyes."),
        ("csm-introduction", INVITES, "Would you join us on 11/30/2026?"),
        ("csm-introduction", INTRODUCES, "Let me introduce Carol."),
    ],
)
def test_a_letter_says_it_in_other_words(letter, title, text):
    assert title not in broken_rules(letter, text, "missing")


@pytest.mark.parametrize(
    ("letter", "title", "text"),
    [
        ("cse-plus-transition", FROM_WHEN, "From 1 December 2026 on, Alex takes over."),
        ("welcome-call-invitation", INVITES, "The Welcome to GitLab call is on 29 November 2026."),
        ("welcome-call-invitation", INVITES, "Would you join us on Tuesday the 30th?"),
        ("welcome-call-invitation", MEETS, "There you meet somebody new. After a short introduction Carol leads."),
        ("csm-introduction", INVITES, "Would you join us for the Welcome to GitLab call on 30 November 2027?"),
        ("csm-introduction", INTRODUCES, "After a short introduction Carol leads."),
        ("disengagement-follow-up", "It sums up the talk", "We spoke on 3 March."),
    ],
)
def test_a_wrong_day_or_an_introduction_of_nobody_does_not_say_it(letter, title, text):
    assert title in broken_rules(letter, text, "missing")


DEDICATED = "A CSE of the customer's own (the team is a pool)"
ALONG = "A CSE comes along to a call about the move (the ban holds for these calls only)"
HURTFUL = 'Words that hurt (write "moved to Premium", "ended" or "did not come about")'


@pytest.mark.parametrize(
    ("letter", "title", "text"),
    [
        ("cse-plus-transition", DEDICATED, "Your CSE is Dana Levi."),
        ("cse-plus-transition", DEDICATED, "Your CSE Dana looks forward to it."),
        ("cse-plus-transition", DEDICATED, "Dana Levi will be your CSE."),
        ("cse-plus-transition", DEDICATED, "A CSE has been assigned to you."),
        ("cse-plus-transition", DEDICATED, "We have assigned you a CSE."),
        ("cse-plus-transition", DEDICATED, "You have a named CSE."),
        ("cse-plus-transition", DEDICATED, "Your designated CSE will call you."),
        ("cse-plus-transition", DEDICATED, "An exclusive CSE is at your side."),
        ("cse-plus-transition", DEDICATED, "A CSE of your own."),
        ("cse-plus-transition", DEDICATED, "You get a dedicated GitLab CSE."),
        ("cse-plus-transition", DEDICATED, "You get a dedicated, experienced CSE."),
        ("cse-role", DEDICATED, "A dedicated GitLab expert is there."),
        ("cse-plus-transition", ALONG, "We will bring a CSE along to our handover calls."),
        ("cse-plus-transition", ALONG, "Our CSE Dana dials in to the transition call."),
        ("disengagement-follow-up", HURTFUL, "You are not worth our time."),
        ("disengagement-follow-up", HURTFUL, "Your account is unprofitable."),
        ("disengagement-follow-up", HURTFUL, "You are now below the alignment threshold."),
    ],
)
def test_what_a_letter_must_not_say_is_found_in_other_words(letter, title, text):
    assert title in broken_rules(letter, text, "banned")


@pytest.mark.parametrize(
    ("letter", "text"),
    [
        ("cse-plus-transition", "You run GitLab Dedicated, and the CSE team knows it well."),
        ("cse-plus-transition", "Your CSE team is a pool."),
        ("cse-plus-transition", "The CSEs are not assigned to you, and nobody is your named CSE."),
        ("cse-plus-transition", "We will bring no CSE along to our handover calls."),
        ("cse-plus-transition", "Alex can arrange a short introductory call with one of our CSEs."),
        ("disengagement-follow-up", "The threshold of the building is below the street."),
    ],
)
def test_what_a_letter_may_say_is_no_complaint(letter, text):
    assert broken_rules(letter, text, "banned") == []


# --- names ------------------------------------------------------------------------------------------------------------

BANNED = [
    Rule("Internal words", ("arr|churn*|salesforce|lam|gong|cta", "24/7", "discount*")),
    Rule("Promises", ("{csm} ... will help", "dedicated to {customer}")),
]


def judge_named(text, people=(), customer="Northwind"):
    """Judge a text by `BANNED`, in an issue of the customer with these people, the first of them as CSM."""
    roles = {role: Person((name,)) for role, name in zip(("csm", "ae"), people, strict=False)}
    values = Values(frozenset(), {"customer": customer}, roles)
    return judge_text(text, [], BANNED, values.spoken(), values.facts, names_said(values))


@pytest.mark.parametrize(
    "customer",
    [
        "Salesforce",
        "Lam Research",
        "Discount Tire",
        "TBC Bank",
        "CTA Group",
        "Gong Labs",
        "24/7 Media",
        "Acme Churn Solutions",
        "Churn Inc.",
    ],
)
def test_the_name_of_a_customer_is_neither_banned_nor_left_to_fill_in(customer):
    assert judge_named(f"{customer}: hello\n\nDear {customer} team,\n\n{customer}'s plans", (), customer) == ()
    assert judge_named(f"Dear {customer.upper()} team", (), customer) == ()


@pytest.mark.parametrize("name", ["Jenny Lam", "Chance Gong", "Lam Nguyen", "Alex Novak [AE]"])
def test_the_name_of_a_person_is_neither_banned_nor_left_to_fill_in(name):
    assert judge_named(f"{name.split()[0]} is here.\n\nKind regards,\n{name}", ("Casey Morgan", name)) == ()


@pytest.mark.parametrize(
    "customer",
    [
        "Acme churn risk",
        "Acme five million ARR",
        "Acme - Churn Risk",
        "Acme (ARR 2M)",
        "Acme ARR 2M",
        "Acme ARR 500",
        "Acme ARR $5",
        "Acme: ARR",
        "A B C D E F ARR",
        "TBD",
        "[Churn name]",
    ],
)
def test_a_remark_in_the_name_of_a_customer_is_no_name(customer):
    assert judge_named(f"Dear {customer} team,", (), customer)


@pytest.mark.parametrize(
    "text",
    [
        "Jenny sees your lam.",
        "Jenny Lam sees your churn.",
        "Jenny Lambert, LAM",
        "XJenny Lam is here.",
        "Jenny Lam will help you.",
        "Jenny will help you.",
        "She is dedicated to Lam\nResearch.",
        "Dear [name],",
    ],
)
def test_a_name_hides_no_other_words_and_still_counts_as_the_value_of_its_role(text):
    assert judge_named(text, ("Jenny Lam", "Alex Novak"), "Lam Research")


def test_what_another_person_will_do_is_no_promise_of_the_csm():
    assert judge_named("Alex Novak will help you, says Jenny Lam.", ("Jenny Lam", "Alex Novak")) == ()


def test_a_complaint_quotes_the_names_as_they_are_written():
    (complaint,) = judge_named("Jenny Lam will help Lam Research.", ("Jenny Lam",), "Lam Research")
    assert complaint.said == "Jenny Lam will help Lam Research."
    assert "Take `Jenny Lam will help` out" in complaint.message


# --- what was not filled in -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Dear [CUSTOMER] team,", ("[CUSTOMER]",)),
        ("[YOUR NAME], Customer Success Manager", ("[YOUR NAME]",)),
        ("[Your name]", ("[Your name]",)),
        ("please let [AE name] know", ("[AE name]",)),
        ("on [date]", ("[date]",)),
        ("[insert the link here]", ("[insert the link here]",)),
        ("[FIRST_NAME]", ("[FIRST_NAME]",)),
        ("[XX]", ("[XX]",)),
        ("Dear <name>,", ("<name>",)),
        ("<Customer name>", ("<Customer name>",)),
        ("<<customer>>", ("<<customer>>",)),
        ("Dear {{ customer }},", ("{{ customer }}",)),
        ("{% if x %}", ("{% if x %}",)),
        ("Dear {name},", ("{name}",)),
        ("Dear ${NAME} and %NAME%,", ("${NAME}", "%NAME%")),
        ("Dear { csm.first_name },", ("{ csm.first_name }",)),
        ("Dear {customer },", ("{customer }",)),
        ("Dear %customer%,", ("%customer%",)),
        ("Dear %csm.first_name%,", ("%csm.first_name%",)),
        ("Dear < customer >,", ("< customer >",)),
        ("Dear <a customer>,", ("<a customer>",)),
        ("Dear &lt;customer&gt;,", ("&lt;customer&gt;",)),
        ("[Insert name]", ("[Insert name]",)),
        (r"\[Insert name\]", (r"[Insert name\]",)),
        ("See [x] (https://docs.gitlab.com).", ("[x] (https://docs.gitlab.com)",)),
        ("Seats: ____", ("____",)),
        ("on TBD", ("TBD",)),
        ("the date is tbc.", ("tbc",)),
        ("to be determined", ("to be determined",)),
        ("TODO: ask", ("TODO",)),
        ("on XXX", ("XXX",)),
        ("on xx.xx.xxxx", ("xxxx",)),
        ("Your AE is ???", ("???",)),
        ("Lorem ipsum dolor", ("Lorem ipsum",)),
        ("Dear None,", ("None",)),
        ("Please contact None from now on.", ("None",)),
        ("Your contact is undefined.", ("undefined",)),
        ("write to null, please", ("null",)),
        ("You have nan seats.", ("nan",)),
        ("You have NaN seats.", ("NaN",)),
        ("Dear ,\n\nthank you", ("Dear ,",)),
        ("Dear,\n", ("Dear,",)),
        ("Dear\n", ("Dear",)),
        ("Dear Mr. ,", ("Dear Mr. ,",)),
        ("Dear and Bob,", ("Dear and",)),
        ("Hello ,\n", ("Hello ,",)),
        ("Hi !", ("Hi !",)),
        ("Good morning ,", ("Good morning ,",)),
        ("[Cust\u200bomer]", ("[Customer]",)),
        ("{{ b }} then {{ a }} then {{ b }}", ("{{ b }}", "{{ a }}")),
    ],
)
def test_what_somebody_forgot_to_fill_in_is_found(text, found):
    assert find_placeholders(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Dear Northwind team,",
        "Dear team,",
        "Hello,",
        "Hi all,",
        "Hello and welcome,",
        "Oh dear, that is long.",
        "None of this changes.",
        "Escalations: None.",
        "None is needed.",
        "The contract is null and void.",
        "A null value is fine.",
        "An undefined variable fails.",
        "Naan bread and a nanny",
        "Nancy and Nan are here.",
        "See [docs](https://docs.gitlab.com).",
        "See [the customer page](https://docs.gitlab.com).",
        "As shown [1] and [2].",
        "He wrote thsi [sic].",
        "A webinar [EMEA] (optional)",
        "[x] done, [ ] open",
        "As shown in [1] (https://docs.gitlab.com)",
        "https://docs.gitlab.com/%e4%bd%a0%ad%ae",
        "between 5% and 10%",
        '<a href="https://docs.gitlab.com">docs</a>',
        "[see the address below]",
        "Write to <alex@example.com> or see <https://docs.gitlab.com>.",
        "a < b and c > d",
        "<b>bold</b><br/>",
        "snake_case and __dunder__",
        "________________________________\nFrom: Alex",
        "What? Why?? Really?!",
        "Size XXL",
        "function() { return 1 }",
        "100% of {1, 2}",
        "To be or not to be",
        "I'd like to do this.",
    ],
)
def test_ordinary_words_and_brackets_are_no_placeholders(text):
    assert find_placeholders(text) == ()


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://docs.gitlab.com/ee/.", ("https://docs.gitlab.com/ee/",)),
        ("See http://docs.gitlab.com, please", ("http://docs.gitlab.com",)),
        ("(https://docs.gitlab.com/a)", ("https://docs.gitlab.com/a",)),
        ("(https://docs.gitlab.com/a_(b))", ("https://docs.gitlab.com/a_(b)",)),
        ("[docs](https://docs.gitlab.com/a)!", ("https://docs.gitlab.com/a",)),
        ("<https://docs.gitlab.com/a>", ("https://docs.gitlab.com/a",)),
        ("“https://docs.gitlab.com/a”", ("https://docs.gitlab.com/a",)),
        ("_https://docs.gitlab.com/a_", ("https://docs.gitlab.com/a",)),
        ("https://a.b/?x=1&y=2#z;", ("https://a.b/?x=1&y=2#z",)),
        ("HTTPS://DOCS.GITLAB.COM", ("HTTPS://DOCS.GITLAB.COM",)),
        ("www.example.com: here", ("www.example.com",)),
        ("bit.ly/abc and docs.gitlab.com/ee", ("bit.ly/abc", "docs.gitlab.com/ee")),
        ("https:/docs.gitlab.com", ("https:/docs.gitlab.com",)),
        ("https:\\\\evil.com", ("https:\\\\evil.com",)),
        ("ftp://a.b/c", ("ftp://a.b/c",)),
        ("javascript:alert(1)", ("javascript:alert(1)",)),
        ("data:text/html,x", ("data:text/html,x",)),
        ("mailto:alex@example.com?bcc=b@example.com.", ("mailto:alex@example.com?bcc=b@example.com",)),
        ("https://a.b https://a.b", ("https://a.b",)),
        ("https://docs.gitlab.com@evil.com/", ("https://docs.gitlab.com@evil.com/",)),
    ],
)
def test_addresses_are_found_without_the_marks_around_them(text, links):
    assert find_links(text) == links


@pytest.mark.parametrize(
    "text",
    [
        "Node.js and GitLab.com",
        "GitLab.com/Self-managed",
        "docs.gitlab.com",
        "and/or, 24/7, CI/CD",
        "alex@example.com",
        "alex@example.com/x",
        "e.g./i.e.",
        "https://",
        "Note: the data: all",
        "main.py/test",
    ],
)
def test_prose_is_no_link(text):
    assert find_links(text) == ()


@pytest.mark.parametrize(
    "link",
    [
        "https://docs.gitlab.com",
        "https://docs.gitlab.com/",
        "https://docs.gitlab.com:443/ee/?a=b@c#d",
        "HTTPS://Docs.GitLab.com/",
        "https://about.gitlab.com/pricing/feature-comparison/",
        "mailto:alex@example.com",
        "MAILTO:alex@example.com",
    ],
)
def test_a_page_of_an_allowed_host_and_a_mail_address_are_fine(link):
    assert judge_links([link], HOSTS) == ()


@pytest.mark.parametrize(
    ("link", "told"),
    [
        ("", "no address"),
        ("http://docs.gitlab.com/", "with https"),
        ("docs.gitlab.com/ee", "with https"),
        ("www.docs.gitlab.com", "with https"),
        ("//docs.gitlab.com/", "with https"),
        ("/ee/user", "with https"),
        ("#part", "with https"),
        ("https:/docs.gitlab.com/", "with https"),
        ("https:docs.gitlab.com/", "with https"),
        ("https:///docs.gitlab.com/", "with https"),
        ("https://", "with https"),
        ("https://evil-docs.gitlab.com/", "may not link"),
        ("https://docs.gitlab.com.evil.com/", "may not link"),
        ("https://docs.gitlab.com./", "may not link"),
        ("https://sub.docs.gitlab.com/", "may not link"),
        ("https://gitlab.com/", "may not link"),
        ("https://evil.com/docs.gitlab.com", "may not link"),
        ("https://evil.com?docs.gitlab.com", "may not link"),
        ("https://docs.gitlab.com%2eevil.com/", "may not link"),
        ("https://docs.gitlab.com@evil.com/", "leads elsewhere"),
        ("https://me:secret@docs.gitlab.com/", "leads elsewhere"),
        ("https://docs.gitlab.com:8443/", "port 8443"),
        ("https://docs.gitlab.com:x/", "cannot be read"),
        ("https://docs.gitlab.com:99999/", "cannot be read"),
        ("https://[docs.gitlab.com/", "cannot be read"),
        ("https://xn--dcs-hna.gitlab.com/", "look like others"),
        ("https://dоcs.gitlab.com/", "look like others"),
        ("https://docs。gitlab.com/", "look like others"),
        ("https://127.0.0.1/", "a number"),
        ("https://2130706433/", "a number"),
        ("https://0x7f.1/", "a number"),
        ("https://[::1]/", "a number"),
        ("https://docs.gitlab.com/a b", "invisible"),
        ("https://docs.gitlab.com/\u200b", "invisible"),
        ("https://docs.git\nlab.com/", "invisible"),
        ("\thttps://docs.gitlab.com/", "invisible"),
        ("https://docs.gitlab.com/\x00", "invisible"),
        ("https://docs.gitlab.com\\@evil.com/", "invisible"),
        ("https:\\\\docs.gitlab.com/", "invisible"),
        ("javascript:alert(1)", "begins with `javascript:`"),
        ("JavaScript://docs.gitlab.com/%0aalert(1)", "begins with `javascript:`"),
        ("data:text/html,x", "begins with `data:`"),
        ("ftp://docs.gitlab.com/", "begins with `ftp:`"),
        ("mailto:alex@example.com?bcc=b@example.com", "after `mailto:`"),
        ("mailto:alex@example.com%0Abcc:b@example.com", "after `mailto:`"),
        ("mailto:alex@example.com\nbcc:b@example.com", "invisible"),
    ],
)
def test_every_other_link_gets_one_sentence_that_says_why(link, told):
    (complaint,) = judge_links([link], HOSTS)
    assert (complaint.kind, complaint.said) == ("link", link)
    assert told in complaint.message and complaint.message.endswith(".") and "\n" not in complaint.message


def test_hosts_are_compared_without_regard_to_case_and_each_link_is_judged_once():
    assert judge_links(["https://docs.gitlab.com/"], ["Docs.GitLab.com"]) == ()
    assert len(judge_links(["https://evil.com/", "https://evil.com/"], HOSTS)) == 1


@given(st.text(max_size=80) | st.text(max_size=40).map("https://docs.gitlab.com".__add__))
def test_no_link_crashes_and_what_passes_leads_to_an_allowed_host(link):
    if not judge_links([link], HOSTS) and not link.casefold().startswith("mailto:"):
        assert link.casefold().startswith(tuple(f"https://{host}" for host in HOSTS))


@given(st.text(max_size=300))
def test_no_text_crashes_the_lint(text):
    for each in judge_text(text, RECOMMENDED["must_say"].values(), RECOMMENDED["must_not_say"].values(), VALUES, {}):
        assert each.message and "\n" not in each.message
    assert all(link in text for link in find_links(text))


@pytest.mark.parametrize("name", ["Carol churn risk ARR", "Carol TODO, lam", "[CSM name] gong", "{{ csm }}"])
def test_what_only_poses_as_a_name_is_banned_or_left_to_fill_in(name):
    assert judge_named(f"Kind regards,\n{name}", ("Casey Morgan", name)) != ()


@pytest.mark.parametrize("customer", ["Acme TBD", "TODO Acme", "Acme ____"])
def test_a_name_that_nobody_filled_in_is_none(customer):
    assert [each.kind for each in judge_named(f"Dear {customer} team", (), customer)] == ["placeholder"]


def test_a_name_does_not_say_what_must_be_said():
    rule = Rule("The team is a pool", ("cse* ... pool",))
    text = "The CSEs look forward to working with Pool Corporation."
    values = Values(frozenset(), {"customer": "Pool Corporation"}, {})
    found = judge_text(text, [rule], [], values.spoken(), values.facts, names_said(values))
    assert [each.kind for each in found] == ["missing"]


@pytest.mark.parametrize("customer", ["Yahoo !", "Acme ???", "Jo .", ".", "!?", "  "])
def test_marks_at_the_end_of_a_name_confuse_nothing(customer):
    judge_named(f"Dear {customer} team, {customer} and {customer.strip()}", ("Casey .",), customer)
