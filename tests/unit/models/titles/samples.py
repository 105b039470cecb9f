"""Contents of many kinds, with the title and description that each is to have."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Sample:
    name: str
    text: str
    title: str
    description: str
    file_name: str = ""


SAMPLES: Final = (
    Sample(
        "python",
        "def parse_header(line):\n    name, _, value = line.partition(':')\n    if not name:\n        raise ValueError('x')\n    return name, value\n",
        "Parse a header from the line",
        "Parse a header from the line. Raises ValueError.",
    ),
    Sample(
        "snippet",
        "import re\n# Find all e-mail addresses in a text.\nEMAIL = re.compile(r'..')\nfor m in EMAIL.finditer(open('x').read()): print(m)\n",
        "Find all e-mail addresses in a text",
        "Find all e-mail addresses in a text. Calls re.compile, EMAIL.finditer, open and read. Uses re.",
    ),
    Sample(
        "sql-select",
        "SELECT u.name, count(*) AS orders FROM users u JOIN orders o ON o.user_id = u.id GROUP BY u.name;",
        "Count users and orders by name",
        "Count users and orders by name. Reads users and orders.",
    ),
    Sample(
        "sql-create",
        "CREATE TABLE IF NOT EXISTS users (id int primary key);\nCREATE INDEX users_name ON users(name);",
        "Create the table users and create the index users_name",
        "Create the table users and create the index users_name.",
    ),
    Sample(
        "dockerfile",
        'FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\nEXPOSE 8000\nCMD ["python", "app.py"]\n',
        "Dockerfile on python:3.12-slim that runs app.py",
        "Builds on python:3.12-slim. Runs python app.py. Exposes port 8000.",
    ),
    Sample(
        "backup-script",
        "#!/bin/bash\nset -e\n# Back up the database every night\npg_dump mydb | gzip > backup.gz\naws s3 cp backup.gz s3://bucket/\n",
        "Back up the database every night",
        "Back up the database every night. Runs pg_dump, gzip and aws.",
    ),
    Sample("git-one-liner", "git log --oneline --graph", "Show the Git log", "Show the Git log. Runs git."),
    Sample(
        "pipe",
        "find . -name '*.pyc' | xargs rm",
        "Find files and remove files",
        "Find files and remove files. Runs find and rm.",
    ),
    Sample(
        "docker-run",
        "docker run --rm -it -v $PWD:/app python:3 bash",
        "Run a Docker container",
        "Run a Docker container. Runs docker.",
    ),
    Sample(
        "html",
        "<!doctype html><html><head><title>Sign in - Example</title></head><body><form></form></body></html>",
        "Sign in - Example",
        "HTML with a form.",
    ),
    Sample(
        "markdown",
        "# Frobnicate\n\nThis tool turns knobs. It is fast.\n\n```\nx\n```\n",
        "Frobnicate",
        "This tool turns knobs.",
        "README.md",
    ),
    Sample(
        "note",
        "Remember to call the dentist on Monday. Also buy milk.",
        "Remember to call the dentist on Monday",
        "Remember to call the dentist on Monday. Also buy milk.",
    ),
    Sample(
        "list-note",
        "Meeting notes\n- talk about release\n- fix the build\n",
        "Meeting notes",
        "talk about release fix the build.",
    ),
    Sample(
        "traceback",
        "Traceback (most recent call last):\n  File \"/a/b.py\", line 3, in load\n    x\nKeyError: 'name'\n",
        "KeyError: 'name'",
        "Stack trace of KeyError raised in load of b.py.",
    ),
    Sample(
        "diff",
        "diff --git a/src/a.py b/src/a.py\n--- a/src/a.py\n+++ b/src/a.py\n@@ -1,2 +1,3 @@ def foo():\n-x\n+y\n+z\n",
        "Changes of a.py",
        "Diff of src/a.py: 2 lines added, 1 line removed. In def foo():",
    ),
    Sample(
        "package-json",
        '{"name": "left-pad", "version": "1.0.0", "dependencies": {}}',
        "package.json of left-pad",
        "npm package left-pad. Sets name, version and dependencies.",
        "package.json",
    ),
    Sample(
        "json",
        '{"users": [1,2], "total": 2}',
        "JSON with users and total",
        "JSON object with the keys users and total.",
    ),
    Sample(
        "json-list",
        '[{"id":1,"name":"x"}]',
        "JSON list of 1 item with ID and name",
        "JSON list of 1 item with the keys id and name.",
    ),
    Sample(
        "kubernetes",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n",
        "Kubernetes manifest: Deployment web",
        "Kubernetes manifest: Deployment web. Sets apiVersion, kind and metadata.",
    ),
    Sample(
        "compose",
        "version: '3'\nservices:\n  web:\n    image: x\n  db:\n    image: y\n",
        "docker-compose.yml for web and db",
        "Docker Compose services for web and db. Sets version and services.",
        "docker-compose.yml",
    ),
    Sample(
        "systemd",
        "[Unit]\nDescription=My service\n[Service]\nExecStart=/bin/x\n",
        "Systemd service: My service",
        "Systemd service: My service. Sets Unit and Service.",
    ),
    Sample(
        "component",
        "export function UserCard({ user }) {\n  return (\n    <div>{user.name}</div>\n  );\n}\n",
        "User card component",
        "User card component.",
        "UserCard.jsx",
    ),
    Sample(
        "go",
        'package main\n\nimport (\n\t"fmt"\n\t"net/http"\n)\n\nfunc handleHealth(w http.ResponseWriter, r *http.Request) {\n\tfmt.Fprintln(w, "ok")\n}\n',
        "Handle a health",
        "Handle a health. Uses fmt and http.",
    ),
    Sample(
        "rust",
        "/// Computes the greatest common divisor of two numbers.\npub fn gcd(a: u64, b: u64) -> u64 {\n    if b == 0 { a } else { gcd(b, a % b) }\n}\n",
        "Computes the greatest common divisor of two numbers",
        "Computes the greatest common divisor of two numbers. Returns an integer.",
    ),
    Sample(
        "java",
        "public class UserService {\n  private final UserRepository repo;\n  public UserService(UserRepository r) { repo = r; }\n  public User findById(long id) {\n    return repo.findById(id).orElseThrow(() -> new NotFoundException());\n  }\n  public void deleteUser(long id) {\n    repo.deleteById(id);\n  }\n}\n",
        "User service class",
        "User service class. Has the methods findById and deleteUser.",
    ),
    Sample(
        "statements",
        "import requests\nfrom bs4 import BeautifulSoup\nr = requests.get('http://x')\nsoup = BeautifulSoup(r.text)\nfor a in soup.find_all('a'):\n    print(a)\n",
        "Use requests.get, BeautifulSoup and soup.find_all",
        "Calls requests.get, BeautifulSoup and soup.find_all. Uses requests and bs4.",
    ),
    Sample(
        "functions",
        "def add(a, b):\n    return a + b\n\ndef subtract_numbers(a, b):\n    return a - b\n\ndef main():\n    pass\n",
        "Add and subtract numbers",
        "Add and subtract numbers. Has the functions add, subtract_numbers and main.",
    ),
    Sample(
        "css",
        ".card { color: red; }\n.card-title { font-weight: bold; }\n",
        "Styles of card and card title",
        "CSS rules for .card and .card-title.",
    ),
    Sample(
        "makefile",
        "all: build\nbuild:\n\tgcc -o x x.c\ntest: build\n\t./x\n",
        "Makefile with all, build and test",
        "Has the targets all, build and test.",
        "Makefile",
    ),
    Sample(
        "exception",
        "class HTTPError(Exception):\n    def __init__(self, code):\n        self.code = code\n",
        "HTTP error",
        "HTTP error. Extends Exception.",
    ),
    Sample("link", "https://example.com/docs/api", "Link to example.com/docs/api", ""),
    Sample(
        "nginx",
        "server {\n  listen 80;\n  location / {\n    proxy_pass http://x;\n  }\n}\n",
        "nginx.conf",
        "nginx configuration. Sets.",
        "nginx.conf",
    ),
    Sample("env", "SECRET=abc\nPORT=80\n", ".env", "Environment variables. Sets SECRET and PORT.", ".env"),
    Sample(
        "test",
        "def test_login_with_wrong_password_fails(client):\n    r = client.post('/login')\n    assert r.status_code == 403\n",
        "Test login with wrong password fails",
        "Test login with wrong password fails.",
    ),
    Sample(
        "effect",
        "useEffect(() => {\n  fetchData().then(setData);\n}, []);\n",
        "Use useEffect, fetchData and then",
        "Calls useEffect, fetchData and then.",
    ),
    Sample(
        "awk",
        "awk '{print $1}' access.log | sort | uniq -c | sort -rn | head",
        "Process columns of text and sort lines",
        "Process columns of text, sort lines and show the first lines. Runs awk, sort, uniq and head.",
    ),
)
