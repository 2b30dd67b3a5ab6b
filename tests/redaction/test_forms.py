"""The forms in which a secret is given: of each a random value goes, with both engines alike."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from accrete.redaction import redact, redact_json, redact_value
from tests.redaction.engines import ENGINES
from tests.redaction.planted import ASSIGNED

VALUES = ("Qx7Rt2Lm9Zk4Vb8N", "h4Tq9wXz", "Zp3!kD8#vR1m")
WRITTEN = r"""
password=u'{}'
password=b'{}'
passwd = r"{}"
const p = process.env.PASSWORD ?? "{}"
const p = process.env.DB_PASSWORD || '{}'
password&#61;{}
password&#x3D;&#39;{}&#39;
&lt;password&gt;{}&lt;/password&gt;
&lt;db_password type=&quot;x&quot;&gt;{}&lt;/db_password&gt;
DB_PASSWORD ?= {}
DB_PASSWORD := {}
DB_PASSWORD += {}
**Password**: `{}`
**Password:** `{}`
- **DB password**: {}
| Password | `{}` |
__Password__: {}
db_password: !vault '{}'
password: &main "{}"
password: !!str {}
password: !Secret "{}"
[password]{}[/password]
{"value":"{}","name":"DB_PASSWORD"}
{"Value": "{}", "Key": "DB_PASSWORD"}
- value: {}\n  name: DB_PASSWORD
{"Name":"/shop/db","Type":"SecureString","Value":"{}"}
{"ParameterKey":"DbPassword","ParameterValue":"{}"}
ParameterKey=DbPassword,ParameterValue={}
aws ssm put-parameter --name /shop/db-password --type SecureString --value {}
AWS Secret Access Key [None]: {}
AWS Secret Access Key [****************ABCD]: {}
Password for kim: {}
Password [hidden]: {}
  ~ password = "old" -> "{}"
  ~ password: "old" => "{}"
client.setPassword("{}")
builder.withPassword('{}')
new Client().password("{}")
config.set_password('{}')
auth=HTTPBasicAuth('kim','{}')
auth=HTTPBasicAuth("kim", "{}")
requests.get(u, auth=('kim', '{}'))
PHPSESSID={}
Cookie: JSESSIONID={}
sessionid={}
connect.sid={}
GITHUB_PAT={}
AZURE_DEVOPS_EXT_PAT: {}
SALT={}
password_salt = "{}"
requirepass {}
masterauth {}
bindpw {}
rootpw {}
rootbindpw "{}"
"""
QUOTED = r"""
password = "{} and more"
"db_password": "two {}"
"""
COMMANDS = r"""
curl -su kim:{} https://x.example.org
curl -sSfu 'kim:{}' https://x.example.org
curl -Lku "kim:{}" https://x.example.org
sqlcmd -S db -U sa -P {} -Q x
sqlcmd -S db -U sa -P'{}'
bcp shop.dbo.t out x.csv -S db -U sa -P {}
snowsql -a x -u kim -p {}
cypher-shell -u neo4j -p {} 'MATCH (n)'
twine upload -u kim -p {} dist/x
poetry publish -u kim -p {}
psexec \\h -u kim -p {} cmd
mosquitto_pub -h h -u kim -P {} -t t
mosquitto_sub -u kim -P '{}' -t t
ipmitool -I lanplus -H h -U kim -P {} power status
xfreerdp /u:kim /p:{} /v:h
security unlock-keychain -p {} login.keychain
security add-generic-password -a kim -s x -w {}
net use Z: \\h\s /user:kim {}
net use \\h\s {} /user:kim
lftp -u kim,{} sftp://h
sqlplus kim/{}@db
sqlplus -s 'kim/{}@//db:1521/x'
jdbc:oracle:thin:kim/{}@h:1521:x
vault login {}
vault login -no-print {}
cargo login {}
gh secret set X -b"{}"
gh secret set X --body {}
echo {} | gh secret set X
echo -n "{}" | gh secret set X -R a/b
printf '%s' '{}' | docker login -u kim --password-stdin
gh auth login --with-token <<< {}
docker login -u kim --password-stdin <<< "{}"
sudo -S ls <<< '{}'
gh secret set X <<< "{}"
ALTER USER kim IDENTIFIED BY '{}'
ALTER USER kim IDENTIFIED BY {};
SET PASSWORD FOR x = '{}'
SET PASSWORD FOR 'kim'@'%' = PASSWORD('{}');
ALTER USER kim WITH PASSWORD '{}';
ALTER ROLE kim ENCRYPTED PASSWORD '{}'
curl -H "Authorization: Bearer\ {}" u
npm config set //r.example.org/:_authToken {}
plink -ssh h -pw {}
openssl enc -aes-256-cbc -k {} -in x
net user kim {} /add
helm upgrade x --set db.password={}
aws rds create-db-instance --master-user-password {}
keytool -genkey -storepass {} -keypass x
http -a kim:{} https://x.example.org
smbclient //h/s -U kim%{}
"""
LONG = re.compile("_PAT|SALT|_salt|SESS|sessionid|sid=|Bearer|_authToken")
"""Forms that say little: a short value of theirs may be anything."""
LISTS: tuple[Any, ...] = (
    {"command": "mysql", "args": ["-u", "root", "-p{}"]},
    {"command": "redis-cli", "args": ["-a", "{}", "ping"]},
    ["sshpass", "-p", "{}", "ssh", "h"],
    ["docker", "login", "-u", "k", "-p", "{}"],
    ["curl", "-u", "kim:{}", "https://x.example.org"],
    {"cmd": ["mysqldump", "-h", "db", "-p{}", "shop"]},
    {"Cmd": ["sqlcmd", "-P", "{}"]},
    {"element": "Password field", "text": "{}"},
    {"element": "the password input", "ref": "e12", "text": "{}"},
    {"selector": "#password", "value": "{}"},
    {"selector": "input[name=password]", "value": "{}"},
    {"selector": "input[type='password']", "text": "{}"},
    {"fields": [{"name": "Password", "type": "textbox", "ref": "e1", "value": "{}"}]},
    {"locator": "getByLabel('Password')", "value": "{}"},
    {"placeholder": "Password", "value": "{}"},
    {"value": "{}", "name": "DB_PASSWORD"},
    {"Name": "/shop/db", "Type": "SecureString", "Value": "{}"},
    {"ParameterKey": "DbPassword", "ParameterValue": "{}"},
    {"OptionName": "DbPassword", "Value": "{}"},
)


def lines(text: str) -> list[str]:
    return text.strip("\n").splitlines()


@pytest.mark.long
@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("form", [*lines(WRITTEN), *lines(QUOTED)])
def test_a_value_given_to_a_name_goes(form, value):
    value = VALUES[0] if LONG.search(form) else value
    held(form.replace("\\n", "\n").replace("{}", value), value)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("form", lines(COMMANDS))
def test_a_value_given_to_a_command_goes(form, value):
    value = VALUES[0] if LONG.search(form) else value
    held(form.replace("{}", value), value)


def held(text: str, value: str) -> None:
    for redactor in ENGINES:
        clean = redactor.redact(text)
        assert value not in clean
        assert redactor.redact(clean) == clean
    assert ENGINES[0].find(text) == ENGINES[1].find(text)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("form", LISTS, ids=json.dumps)
def test_a_value_in_an_object_or_a_list_of_arguments_goes(form, value):
    text = json.dumps(form).replace("{}", value)
    clean = redact_json(text, redact)
    assert value not in clean
    assert redact_json(clean, redact) == clean
    assert len(json.loads(clean)) == len(form)


def test_a_token_without_a_user_in_an_address_goes():
    held("git clone https://Qx7Rt2Lm9Zk4Vb8NcD@git.example.org/a/b.git", "Qx7Rt2Lm9Zk4Vb8NcD")


@pytest.mark.parametrize("form", ASSIGNED)
@pytest.mark.parametrize("name", ["password", "DB_PASS", "api_key", "auth"])
def test_both_engines_find_the_same_in_every_form(form, name):
    for value in (*VALUES, "u'Qx7Rt2Lm9Zk4'", "3f1f43f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4"):
        text = ASSIGNED[form](name, value)
        assert ENGINES[0].find(text) == ENGINES[1].find(text)


CLEAN: tuple[Any, ...] = (
    {"element": "Submit button", "text": "Qx7Rt2"},
    {"element": "Password field", "text": "password"},
    {"selector": "#username", "value": "kim-lee-2024"},
    {"element": "Forgot password link", "ref": "e12"},
    ["docker", "run", "-p", "8080:80", "image"],
    {"command": "npx", "args": ["-y", "@playwright/mcp@latest"]},
    {"command": "mkdir", "args": ["-p", "build/output2"]},
    {"Name": "/shop/db", "Type": "String", "Value": "db-1.internal"},
)


@pytest.mark.parametrize("value", CLEAN, ids=json.dumps)
def test_an_object_without_a_secret_stays(value):
    assert redact_value(value, redact) is value
