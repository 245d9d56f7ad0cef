"""What is right and wrong with an installation: small pure functions, one a check, values in, ``Check``s out."""
