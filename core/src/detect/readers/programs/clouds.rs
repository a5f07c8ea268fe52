//! Clouds, registries of packages, CI and stores of secrets.

use super::What::{AfterEquals, Odd, Url, Whole};
use super::{NONE, Opt, Program, Stdin, both, glued, next};

#[rustfmt::skip]
pub(super) const ROWS: &[Program] = &[
    Program {
        names: &["gh"],
        after: &["secret"],
        options: &[next("--body", Whole), next("-b", Whole)],
        stdin: Stdin::With(&["--with-token"]),
        #[cfg(test)]
        examples: &[("echo s3cr8 | gh auth login --with-token", "s3cr8"), ("gh secret set X --body 's3cr8'", "s3cr8")],
        #[cfg(test)]
        innocent: &["gh pr list", "gh pr create --body text"],
        ..NONE
    },
    Program {
        names: &["snyk"],
        words: &["auth !", "config set =*"],
        #[cfg(test)]
        examples: &[("snyk auth 3f2c1a4e-1b2c-4d5e", "3f2c1a4e-1b2c-4d5e"), ("snyk config set api=s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["snyk test", "snyk auth"],
        ..NONE
    },
    Program {
        names: &["glab"],
        after: &["login"],
        options: &[next("-t", Whole)],
        words: &["variable set * !", "variable update * !"],
        stdin: Stdin::With(&["--stdin"]),
        #[cfg(test)]
        examples: &[("glab variable set X s3cr8 --masked", "s3cr8"), ("glab auth login -t s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["glab mr list", "glab variable list"],
    },
    Program {
        names: &["fly", "flyctl"],
        after: &["login"],
        options: &[next("-t", Whole)],
        words: &["secrets set =*"],
        #[cfg(test)]
        examples: &[("fly secrets set ANYTHING=s3cr8 -a x", "s3cr8")],
        #[cfg(test)]
        innocent: &["fly deploy", "flyctl status -a x"],
        ..NONE
    },
    Program {
        names: &["wrangler"],
        stdin: Stdin::With(&["secret"]),
        #[cfg(test)]
        examples: &[("echo s3cr8 | wrangler secret put API", "s3cr8")],
        #[cfg(test)]
        innocent: &["echo hello | wrangler deploy"],
        ..NONE
    },
    Program {
        names: &["doctl"],
        options: &[next("-t", Whole)],
        #[cfg(test)]
        examples: &[("doctl auth init -t s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["doctl auth init"],
        ..NONE
    },
    Program {
        names: &["aws", "pulumi", "npm", "yarn", "pnpm", "gcloud", "git", "pip", "gem", "gsutil"],
        after: &["put-parameter"],
        options: &[next("--value", Odd)],
        words: &["configure set aws_secret_access_key !", "configure set aws_session_token !",
            "config set * !?", "config * !?", "set * !?"],
        stdin: Stdin::With(&["--data-file=-"]),
        #[cfg(test)]
        examples: &[("aws ssm put-parameter --name /a --value S3cr8 --type SecureString", "S3cr8"),
            ("aws configure set aws_secret_access_key s3cr8/s3cr8", "s3cr8/s3cr8"),
            ("npm config set //r.example.com/:_authToken s3cr8", "s3cr8"), ("pulumi config set dbPassword s3cr8 --secret", "s3cr8"),
            ("echo -n s3cr8 | gcloud secrets create x --data-file=-", "s3cr8")],
        #[cfg(test)]
        innocent: &["aws ssm put-parameter --name /a --value eu-west-1 --type String", "git config --value X",
            "aws configure set region eu-1", "git config --global user.name jane", "aws s3 ls"],
    },
    Program {
        names: &["composer"],
        words: &["config * * !~", "config * !?"],
        #[cfg(test)]
        examples: &[("composer config http-basic.r.example u S3cr8", "S3cr8")],
        #[cfg(test)]
        innocent: &["composer config repositories.a vcs https://x.example/a", "composer install"],
        ..NONE
    },
    Program {
        names: &["dotnet", "choco"],
        words: &["user-secrets set * !"],
        options: &[next("-k", Whole), next("--api-key", Whole)],
        #[cfg(test)]
        examples: &[("dotnet nuget push a.nupkg -k s3cr8", "s3cr8"), ("dotnet user-secrets set k s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["dotnet run"],
        ..NONE
    },
    Program {
        names: &["vault", "bao"],
        options: &[next("-accessor", Url)],
        words: &["operator unseal !", "login !", "operator rekey !", "unseal !", "token lookup !",
            "token revoke !", "token renew !", "kv put =*", "kv patch =*"],
        stdin: Stdin::With(&["login", "unseal", "=-"]),
        #[cfg(test)]
        examples: &[("echo s3cr8s3cr8 | vault login -", "s3cr8s3cr8"), ("echo -n s3cr8s3cr8 | vault kv put secret/a value=-", "s3cr8s3cr8"), ("vault kv patch secret/db pw=s3cr8", "s3cr8"), ("vault operator unseal s3cr8s3cr8s3", "s3cr8s3cr8s3"), ("vault login s3cr8s3cr8", "s3cr8s3cr8")],
        #[cfg(test)]
        innocent: &["vault token lookup -accessor s3cr8s3cr8", "vault status", "vault login -method=oidc", "vault operator init", "vault kv get secret/db",
            "echo s3cr8s3cr8 | vault kv list", "echo 's3cr8s3cr8' | vault policy write app -"],
        ..NONE
    },
    Program {
        names: &["mc", "mcli"],
        words: &["alias set * * * !", "config host add * * * !", "admin user add * * !"],
        #[cfg(test)]
        examples: &[("mc alias set minio http://minio:9000 minioadmin s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["mc mb minio/backups", "mc alias list"],
        ..NONE
    },
    Program {
        names: &["rclone"],
        words: &["obscure !", "config create ?*", "config update ?*", "config password ?*"],
        #[cfg(test)]
        examples: &[("rclone config create a s3 secret_access_key s3cr8 region eu-1", "s3cr8"), ("rclone obscure s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["rclone sync a b"],
        ..NONE
    },
    Program {
        names: &["swift"],
        options: &[next("-K", Whole)],
        #[cfg(test)]
        examples: &[("swift -A http://k -U t:u -K s3cr8 list", "s3cr8")],
        #[cfg(test)]
        innocent: &["swift list"],
        ..NONE
    },
    Program {
        names: &["SonarScanner", "SonarScanner.MSBuild", "sonar-scanner", "dotnet-sonarscanner", "sonarscanner"],
        options: &[Opt { what: Odd, ..glued("/d:sonar.login=") }, Opt { what: Odd, ..glued("-Dsonar.login=") }],
        #[cfg(test)]
        examples: &[("sonar-scanner -Dsonar.login=S3cr8", "S3cr8"), ("SonarScanner begin /d:sonar.login=S3cr8", "S3cr8")],
        #[cfg(test)]
        innocent: &["SonarScanner begin /k:proj /d:sonar.login=admin"],
        ..NONE
    },
    Program {
        names: &["p4"],
        options: &[next("-P", Whole)],
        stdin: Stdin::With(&["login"]),
        #[cfg(test)]
        examples: &[("p4 -P s3cr8 sync", "s3cr8"), ("echo s3cr8 | p4 login", "s3cr8")],
        #[cfg(test)]
        innocent: &["p4 -p ssl:host:1666 sync"],
        ..NONE
    },
    Program {
        names: &["az", "cf"],
        after: &["login", "acr", "sql", "mysql", "postgres", "secret", "vm", "vmss"],
        options: &[both("-p", Whole), next("--value", Whole)],
        words: &["auth * !", "set-env * * !?"],
        #[cfg(test)]
        examples: &[("az login --service-principal -u app -p s3cr8 --tenant t", "s3cr8"),
            ("az sql server create -n x -u admin -p s3cr8", "s3cr8"),
            ("az keyvault secret set --vault-name v --name n --value s3cr8", "s3cr8"),
            ("cf login -u ops -p s3cr8", "s3cr8"), ("cf auth ops s3cr8", "s3cr8"),
            ("cf set-env app DB_PASSWORD s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["az group create -n x", "cf set-env app NODE_ENV production", "cf push -p app.jar"],
        ..NONE
    },
    Program {
        names: &["consul"],
        words: &["kv put * !?", "acl set-agent-token * !"],
        #[cfg(test)]
        examples: &[("consul kv put app/db/password s3cr8", "s3cr8"), ("consul acl set-agent-token default s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["consul kv put app/db/host db-0", "consul members"],
        ..NONE
    },
    Program {
        names: &["cargo", "wandb", "exo"],
        words: &["login !"],
        stdin: Stdin::With(&["login"]),
        #[cfg(test)]
        examples: &[("cargo login s3cr8", "s3cr8"), ("echo s3cr8 | cargo login", "s3cr8"), ("wandb login s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["cargo build", "wandb sync a"],
        ..NONE
    },
    Program {
        names: &["b2"],
        words: &["account authorize * !", "authorize-account * !", "authorize_account * !"],
        #[cfg(test)]
        examples: &[("b2 account authorize keyid s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["b2 ls"],
        ..NONE
    },
    Program {
        names: &["poetry"],
        options: &[next("-p", Whole)],
        words: &["config * !~", "config * * !~"],
        #[cfg(test)]
        examples: &[("poetry config pypi-token.pypi S3cr8x9q", "S3cr8x9q"), ("poetry config http-basic.r u S3cr8x9q", "S3cr8x9q"), ("poetry publish -u u -p s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["poetry config virtualenvs.create false", "poetry config repositories.r https://r.example.com/simple", "poetry install"],
        ..NONE
    },
    Program {
        names: &["ansible-vault"],
        words: &["encrypt_string !"],
        stdin: Stdin::With(&["encrypt_string"]),
        #[cfg(test)]
        examples: &[("ansible-vault encrypt_string s3cr8 --name x", "s3cr8"), ("echo s3cr8 | ansible-vault encrypt_string", "s3cr8")],
        #[cfg(test)]
        innocent: &["ansible-vault view a.yml"],
        ..NONE
    },
    Program {
        names: &["knife"],
        after: &["ssh", "bootstrap"],
        options: &[next("-P", Whole)],
        #[cfg(test)]
        examples: &[("knife bootstrap h -U u -P s3cr8", "s3cr8"), ("knife ssh name:x uptime -P s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["knife node list"],
        ..NONE
    },
    Program {
        names: &["doppler", "teller", "copilot"],
        options: &[next("--values", AfterEquals)],
        words: &["secrets set =*", "put =*"],
        #[cfg(test)]
        examples: &[("doppler secrets set X=s3cr8", "s3cr8"), ("copilot secret init --values prod=s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["doppler run -- env"],
        ..NONE
    },
    Program {
        names: &["conjur"],
        options: &[both("-p", Whole)],
        #[cfg(test)]
        examples: &[("conjur login -i admin -p s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["conjur whoami"],
        ..NONE
    },
    Program {
        names: &["chamber"],
        words: &["write * * !"],
        #[cfg(test)]
        examples: &[("chamber write svc key s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["chamber list svc"],
        ..NONE
    },
    Program {
        names: &["berglas"],
        words: &["create * !", "update * !"],
        #[cfg(test)]
        examples: &[("berglas create bucket/x s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["berglas list bucket"],
        ..NONE
    },
    Program {
        names: &["drone"],
        options: &[next("--data", Whole)],
        #[cfg(test)]
        examples: &[("drone secret add --name x --data s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["drone build ls"],
        ..NONE
    },
    Program {
        names: &["vercel", "netlify"],
        words: &["env:set * !?"],
        stdin: Stdin::With(&["env"]),
        #[cfg(test)]
        examples: &[("vercel env add X production <<< s3cr8", "s3cr8"), ("netlify env:set API_KEY s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["vercel deploy", "netlify env:set NODE_ENV production"],
        ..NONE
    },
    Program {
        names: &["confluent", "ccloud"],
        words: &["api-key store * !"],
        #[cfg(test)]
        examples: &[("confluent api-key store KEY s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["confluent kafka topic list"],
        ..NONE
    },
    Program {
        names: &["conda", "anaconda"],
        options: &[next("-t", Whole)],
        words: &["token add !", "token set !"],
        #[cfg(test)]
        examples: &[("conda token set s3cr8", "s3cr8"), ("anaconda -t s3cr8 upload x", "s3cr8")],
        #[cfg(test)]
        innocent: &["conda install x"],
        ..NONE
    },
    Program {
        names: &["openai", "stripe"],
        options: &[next("-k", Whole)],
        #[cfg(test)]
        examples: &[("openai api -k s3cr8 x", "s3cr8")],
        #[cfg(test)]
        innocent: &["openai api models.list"],
        ..NONE
    },
    Program {
        names: &["gopass"],
        words: &["insert * !~"],
        stdin: Stdin::With(&["insert"]),
        #[cfg(test)]
        examples: &[("gopass insert x s3cr8Q", "s3cr8Q"), ("echo s3cr8 | gopass insert x", "s3cr8")],
        #[cfg(test)]
        innocent: &["gopass show x"],
        ..NONE
    },
    Program {
        names: &["salt", "salt-call", "steamcmd"],
        words: &["* shadow.set_password * !", "shadow.set_password * !", "+login * !"],
        #[cfg(test)]
        examples: &[("salt '*' shadow.set_password root s3cr8", "s3cr8"), ("steamcmd +login svc s3cr8 +quit", "s3cr8")],
        #[cfg(test)]
        innocent: &["salt '*' test.ping", "steamcmd +login anonymous"],
        ..NONE
    },
];
