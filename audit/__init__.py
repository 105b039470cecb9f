"""The recurring audit: what satchel ships, its licences and known vulnerabilities, and every security suite.

    python -m audit                # everything, with one report in build/audit; `make audit`
    python -m audit sbom           # the bills of materials in build/sbom; `make sbom`
    python -m audit advisories     # known vulnerabilities, where a source can be reached; part of `make check`

docs/security/audits.md says when each part runs.
"""
