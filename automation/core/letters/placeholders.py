"""Find what somebody forgot to fill in. Plain text -> the places that are still to be written."""

from __future__ import annotations

import re

from automation.core.letters.sentences import clean_text

# What stands in square brackets is a placeholder when it speaks of something to be filled in: "[AE name]".
_TO_FILL_IN = (
    r"(?:your|insert|enter|add|fill|choose|select|customer|client|company|account|contact|name|date|day|month"
    r"|time|link|url|email|e-mail|address|phone|title|role|team|region|product|number|amount|reason|topic|subject|text"
    r"|signature|sender|recipient|manager|csm|cse|ae|sae|sa|here|placeholder|todo|tbd|tbc|tba|xx+)"
)
_IN_BRACKETS = re.compile(
    rf"{_TO_FILL_IN}(?:[ _/'-]+\w+){{0,4}}|\w+(?:[ _/'-]+\w+){{0,3}}[ _/'-]+{_TO_FILL_IN}", re.IGNORECASE
)
_NO_HINT = re.compile(r"(?:see|cf|as|with|from|for|by)\b", re.IGNORECASE)
_IN_CAPITALS = re.compile(r"[A-Z]{6,}|[A-Z]+(?:[ _/'-]+[A-Z]+)+")
# Tags that a mail program may leave behind in a text: ugly, but nothing to fill in.
_TAGS = re.compile(
    r"/?(?:a|b|i|u|p|br|hr|em|strong|span|div|ul|ol|li|table|tr|td|img|style|code|pre|blockquote|h[1-6])"
    r"(?:\s+[a-z-]+=.*)?\s*/?"
)
_FORMS = re.compile(
    r"""\{\{[^{}\n]{0,80}\}\}|\{%[^{}\n]{0,80}%\}|\$?\{[A-Za-z_][^{}\n]{0,60}\}
      | \$?\{[ ]{1,3}[A-Za-z_][\w.]{0,60}[ ]{0,3}\}
      | %[A-Z][A-Z_]{1,30}%|%[A-Za-z_][\w.]{2,30}%(?!\w)
      | \[(?!\d+\])[^\[\]\n]{1,60}\][ \t]{1,3}\((?:https?:|mailto:|www\.)[^()\s]{0,200}\)
      | \[(?P<square>[^\[\]\n]{1,60}?)\\?\](?!\()
      | <{1,2}(?P<angle>[A-Za-z_][^<>\n]{0,60})>{1,2}|<[ ]{1,3}[A-Za-z_][\w.-]{0,60}[ ]{0,3}>
      | &lt;[A-Za-z_][^&\n]{0,60}&gt;
      | _{3,}
      | (?<!\w)(?:TODO|FIXME|(?i:tbd|tbc|tba|x{3,}|to[ ]be[ ](?:defined|determined|decided|confirmed)))(?!\w)
      | \?{3,}
      | (?i:lorem[ ]ipsum)""",
    re.VERBOSE,
)
_RULE = re.compile(r"(?m)^[ \t]*_{10,}[ \t]*$")
# What a program prints for a value that is not there. "None" and the like are words too: they count where no sentence
# begins and none of these words follow or precede.
_NO_VALUE = re.compile(
    r"""(?<![\w'"-])(?:
        (?:NaN|nan|NULL)
      | (?<=\w[ ])None(?![ ]of\b)
      | (?<!\ba[ ])(?<!\ban[ ])(?<!\bthe[ ])(?<!\bor[ ])(?<!\bnot[ ])(?:null|undefined)
        (?![ ](?:and[ ]void|values?|pointers?|references?|hypothesis|behaviou?r|variables?|results?)\b)
    )(?![\w'"-])""",
    re.VERBOSE,
)
_GREETING = re.compile(
    r"""(?im)^[ \t]{0,20}(?P<greeting>
        dear(?:[ \t]+(?:mr|mrs|ms|mx|dr)\.?)?[ \t]{0,20}(?:[,!:]|$)
      | dear[ \t]+and\b
      | (?:hello|hi|hey|good[ ](?:morning|afternoon|evening))[ \t]{1,20}[,!:]
    )""",
    re.VERBOSE,
)


def find_placeholders(text: str) -> tuple[str, ...]:
    """Return what is still to be filled in, as written, in order, each once: "[AE name]", "{{ x }}", "Dear ,"."""
    text = _RULE.sub("", clean_text(text))
    found = [(match.start(), match.group()) for match in _FORMS.finditer(text) if _is_placeholder(match)]
    found += [(match.start(), match.group()) for match in _NO_VALUE.finditer(text)]
    found += [(match.start(), match.group("greeting").strip()) for match in _GREETING.finditer(text)]
    return tuple(dict.fromkeys(said for _, said in sorted(found)))


def _is_placeholder(match: re.Match[str]) -> bool:
    if square := match.group("square"):
        words = square.strip()
        is_hint = _IN_BRACKETS.fullmatch(words) is not None and not _NO_HINT.match(words)
        return is_hint or _IN_CAPITALS.fullmatch(words) is not None
    if angle := match.group("angle"):
        return not ("@" in angle or ":" in angle or angle.startswith("www.") or _TAGS.fullmatch(angle.casefold()))
    return True
