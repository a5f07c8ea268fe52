//! Programs that take a secret as an argument, and how: one row each, with its examples.
//!
//! Long options whose name hints at a secret (`--password`, `-storepass`) need no row.

use What::{
    AfterColon, AfterComma, AfterEquals, AfterPercent, Header, Name, Odd, Pass, Url, Whole,
};

/// Which part of an argument is the secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    /// All of it.
    Whole,
    /// All of it, unless it looks like a name, a path, a number.
    Odd,
    /// Nothing; it names what the next argument is.
    Name,
    /// `user:SECRET`; without a colon there is none.
    AfterColon,
    /// `user%SECRET`.
    AfterPercent,
    /// `user,SECRET`.
    AfterComma,
    /// `domain/user:SECRET@host`.
    BetweenColonAndAt,
    /// A bootstrap token, `abcdef.0123456789abcdef`.
    Bootstrap,
    /// `name=SECRET`.
    AfterEquals,
    /// `user/SECRET@database`.
    AfterSlash,
    /// The same, and the database must be there.
    BetweenSlashAndAt,
    /// `s/PASSWORD/SECRET/`, when what is replaced hints.
    Substitute,
    /// `pass:SECRET`, `hexkey:SECRET`, as OpenSSL has it.
    Pass,
    /// `Name: SECRET`, when the name hints.
    Header,
    /// Only what a URL in it has for a password, which the reader of URLs finds.
    Url,
}

/// An option and how its value is attached.
#[derive(Debug)]
pub(super) struct Opt {
    pub(super) name: &'static str,
    pub(super) what: What,
    /// `-pSECRET`.
    pub(super) glued: bool,
    /// `-p SECRET`, `--user SECRET` and `--user=SECRET`.
    pub(super) next: bool,
}

const fn glued(name: &'static str) -> Opt {
    Opt { name, what: Whole, glued: true, next: false }
}

const fn next(name: &'static str, what: What) -> Opt {
    Opt { name, what, glued: false, next: true }
}

const fn both(name: &'static str, what: What) -> Opt {
    Opt { name, what, glued: true, next: true }
}

/// What a program makes of its input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stdin {
    /// Nothing that is known.
    Other,
    /// A password.
    Secret,
    /// Lines of `user:password`.
    Pairs,
    /// Anything, but `user:password` is one.
    Pair,
    /// More words, as if they were arguments.
    Words,
    /// A password, when one of these words is among the arguments; `-S` also as one of several
    /// letters.
    With(&'static [&'static str]),
    /// The same, or when an argument hints.
    Named(&'static [&'static str]),
}

/// A program (or several that share options).
#[derive(Debug)]
pub(super) struct Program {
    pub(super) names: &'static [&'static str],
    /// The options count only once one of these words was seen; none: always.
    pub(super) after: &'static [&'static str],
    pub(super) options: &'static [Opt],
    /// Positional arguments after the program: a word, `*` for any, `@` for one that is no path,
    /// `!` for the secret, `!:`, `!,`, `!/`, `!@` and `!:@` for what follows a colon, comma or slash
    /// in it, `!.` for a bootstrap token, `!~` when it
    /// looks like no name, `!?` when the word before it hints. At the end, for all that follow:
    /// `?*` for each after a word that hints, `=*` for each assigned, `s*` for substitutions.
    pub(super) words: &'static [&'static str],
    pub(super) stdin: Stdin,
    /// A command line and the secret in it.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by tests"))]
    pub(super) examples: &'static [(&'static str, &'static str)],
    /// Command lines that hold none.
    #[cfg_attr(not(test), expect(dead_code, reason = "read by tests"))]
    pub(super) innocent: &'static [&'static str],
}

pub(super) const NONE: Program = Program {
    names: &[],
    after: &[],
    options: &[],
    words: &[],
    stdin: Stdin::Other,
    examples: &[],
    innocent: &[],
};

#[rustfmt::skip]
pub(super) static PROGRAMS: &[Program] = &[
    // databases
    Program {
        names: &["mysql", "mysqladmin", "mysqldump", "mysqlimport", "mysqlcheck", "mysqlshow",
            "mysqlslap", "mysqlbinlog", "mysqlpump", "mariadb", "mariadb-admin", "mariadb-dump",
            "mariadb-check", "mariadb-import", "mariadb-show", "mariadb-backup", "xtrabackup",
            "innobackupex", "pt-table-checksum", "pt-query-digest"],
        options: &[glued("-p")],
        examples: &[("mysql -uroot -ps3cr8 -e 'select 1'", "s3cr8"),
            ("/usr/bin/mysqladmin ping -h 127.0.0.1 -p's3 cr8'", "s3 cr8"),
            ("kubectl exec db-0 -- mysqldump -u root -ps3cr8 app", "s3cr8")],
        innocent: &["mysql -u root -p app", "mysqladmin ping -P 3306", "mysql -p$MYSQL_PWD"],
        ..NONE
    },
    Program {
        names: &["mysqlsh"],
        options: &[glued("-p"), next("--uri", Url)],
        examples: &[("mysqlsh -u root -ps3cr8 --sql", "s3cr8")],
        innocent: &["mysqlsh --sql"],
        ..NONE
    },
    Program {
        names: &["mydumper", "myloader", "pgloader", "pgcli", "mycli", "cqlsh", "mongosh", "mongo",
            "mongodump", "mongorestore", "mongoexport", "mongoimport", "mongostat", "mongotop",
            "mongofiles", "arangosh", "rabbitmqadmin", "couchbase-cli", "cbq", "elasticsearch-users", "beeline",
            "twine", "imapsync", "gsql", "ysqlsh", "cypher-shell", "nxc",
            "crackmapexec", "evil-winrm", "cbbackupmgr", "solr", "tsm"],
        options: &[both("-p", Whole)],
        examples: &[("mongosh admin -u root -p s3cr8 --eval 'db.stats()'", "s3cr8"),
            ("mongodump -u root -ps3cr8 --archive", "s3cr8"),
            ("cypher-shell -u neo4j -p s3cr8 'RETURN 1'", "s3cr8")],
        innocent: &["mongosh --port 27017", "mongodump -p $(MONGO_PASSWORD)"],
        ..NONE
    },
    Program {
        names: &["redis-cli", "valkey-cli", "keydb-cli", "redis-benchmark", "valkey-benchmark"],
        options: &[next("-a", Whole), next("--pass", Whole), next("-u", Url)],
        words: &["auth !", "auth * !", "config set requirepass !", "config set masterauth !",
            "acl setuser * on !", "migrate * * * * * auth !", "hello * auth * !"],
        stdin: Stdin::Words,
        examples: &[("redis-cli <<< 'AUTH s3cr8'", "s3cr8"), ("echo 'auth s3cr8' | redis-cli", "s3cr8"),
            ("redis-cli -h localhost -a s3cr8 ping", "s3cr8"),
            ("redis-cli AUTH s3cr8", "s3cr8"),
            ("redis-cli config set requirepass s3cr8", "s3cr8")],
        innocent: &["redis-cli -h localhost -p 6379 ping", "redis-cli -a $REDIS_PASSWORD ping",
            "redis-cli --bigkeys"],
        ..NONE
    },
    Program {
        names: &["sqlcmd", "bcp", "osql", "mssql-cli", "tsql"],
        options: &[both("-P", Whole)],
        examples: &[("/opt/mssql-tools18/bin/sqlcmd -S localhost -U sa -P s3cr8 -Q 'SELECT 1'", "s3cr8"),
            ("sqlcmd -U sa -Ps3cr8 -C", "s3cr8")],
        innocent: &["sqlcmd -S localhost -E -Q 'SELECT 1'"],
        ..NONE
    },
    Program {
        names: &["sqlplus", "sqlldr", "expdp", "impdp", "rman", "sqlcl", "tnsping"],
        words: &["!/", "* !/", "* * !/"],
        examples: &[("sqlplus app/s3cr8@ora:1521/TILL @init.sql", "s3cr8"),
            ("sqlplus -s system/s3cr8 @x.sql", "s3cr8")],
        innocent: &["sqlplus / as sysdba", "sqlplus -s /nolog @/opt/init.sql"],
        ..NONE
    },
    Program {
        names: &["etcdctl", "elasticdump", "http", "https", "xh", "influx", "cockroach"],
        options: &[next("--user", AfterColon), next("-a", AfterColon), next("--auth", AfterColon),
            next("-p", AfterColon)],
        words: &["user add !:"],
        examples: &[("etcdctl --user root:s3cr8 get /", "s3cr8"), ("http -a ops:s3cr8 :8080", "s3cr8")],
        innocent: &["etcdctl --user root get /", "http GET :8080"],
        ..NONE
    },
    // HTTP
    Program {
        names: &["curl", "curlie"],
        options: &[both("-u", AfterColon), next("--user", AfterColon), both("-U", AfterColon),
            next("--proxy-user", AfterColon), both("-H", Header), next("--header", Header),
            next("--proxy-header", Header), next("--oauth2-bearer", Whole), next("--pass", Whole),
            next("--proxy-pass", Whole), both("-E", AfterColon), next("--cert", AfterColon),
            next("-b", AfterEquals), next("--cookie", AfterEquals)],
        examples: &[("curl -b JSESSIONID=s3cr8 https://x", "s3cr8"), ("curl -s -k -u elastic:s3cr8 https://localhost:9200/_cluster/health", "s3cr8"),
            ("curl -fsS --user=elastic:s3cr8 https://localhost:9200", "s3cr8"),
            ("curl -uelastic:s3cr8 localhost", "s3cr8"),
            ("curl -H 'X-Api-Key: s3cr8' https://api.example.com", "s3cr8"),
            ("curl -HX-Api-Key:s3cr8 https://api.example.com", "s3cr8")],
        innocent: &["curl -u name https://x", "curl -u \"$USER:$PASS\" https://x",
            "curl -H 'Accept: text/plain' https://x", "curl -U http://proxy:3128", "curl -b jar.txt https://x"],
        ..NONE
    },
    Program {
        names: &["wget", "ab", "hey", "grpcurl", "websocat", "vegeta", "siege", "aria2c"],
        options: &[both("-H", Header), next("--header", Header), next("-A", AfterColon),
            next("-rpc-header", Header)],
        examples: &[("grpcurl -H 'x-api-key: s3cr8' db:443 list", "s3cr8")],
        innocent: &["wget --header='Accept: */*' https://x", "ab -n 10 http://x/"],
        ..NONE
    },
    // registries and clusters
    Program {
        names: &["docker", "podman", "nerdctl", "buildah", "oc", "crane", "regctl", "oras", "cosign",
            "helm", "skopeo", "crictl", "argocd", "harbor", "az", "cf", "ibmcloud", "rancher",
            "kubectl", "tkn", "singularity", "apptainer", "nuget"],
        after: &["login", "registry"],
        options: &[both("-p", Whole), next("-t", Whole)],
        stdin: Stdin::With(&["--password-stdin", "--with-token", "--stdin"]),
        examples: &[("docker login registry.example.com -u ci -p s3cr8", "s3cr8"),
            ("oc login https://api.example.com:6443 -u kubeadmin -p s3cr8", "s3cr8"),
            ("az login --service-principal -u app -p s3cr8 --tenant t", "s3cr8"),
            ("kubectl create secret generic x --from-literal=pw=s3cr8", "s3cr8"),
            ("skopeo copy --src-creds u:s3cr8 a b", "s3cr8"),
            ("echo s3cr8 | docker login -u ci --password-stdin", "s3cr8")],
        innocent: &["kubectl create configmap x --from-literal=a=b", "docker run -p 8080:80 nginx", "podman run -t alpine", "helm template -f a.yaml"],
        ..NONE
    },
    Program {
        names: &["ctr", "crictl-pull"],
        options: &[next("-u", AfterColon), next("--user", AfterColon), next("--creds", AfterColon)],
        examples: &[("ctr images pull -u ci:s3cr8 r.example.com/a:1", "s3cr8")],
        innocent: &["ctr images ls"],
        ..NONE
    },
    Program {
        names: &["gh"],
        after: &["secret"],
        options: &[next("--body", Whole), next("-b", Whole)],
        stdin: Stdin::With(&["--with-token"]),
        examples: &[("echo s3cr8 | gh auth login --with-token", "s3cr8"), ("gh secret set X --body 's3cr8'", "s3cr8")],
        innocent: &["gh pr list", "gh pr create --body text"],
        ..NONE
    },
    Program {
        names: &["snyk"],
        words: &["auth !", "config set =*"],
        examples: &[("snyk auth 3f2c1a4e-1b2c-4d5e", "3f2c1a4e-1b2c-4d5e"), ("snyk config set api=s3cr8", "s3cr8")],
        innocent: &["snyk test", "snyk auth"],
        ..NONE
    },
    Program {
        names: &["glab"],
        after: &["login"],
        options: &[next("-t", Whole)],
        words: &["variable set * !", "variable update * !"],
        stdin: Stdin::With(&["--stdin"]),
        examples: &[("glab variable set X s3cr8 --masked", "s3cr8"), ("glab auth login -t s3cr8", "s3cr8")],
        innocent: &["glab mr list", "glab variable list"],
    },
    Program {
        names: &["fly", "flyctl"],
        after: &["login"],
        options: &[next("-t", Whole)],
        words: &["secrets set =*"],
        examples: &[("fly secrets set ANYTHING=s3cr8 -a x", "s3cr8")],
        innocent: &["fly deploy", "flyctl status -a x"],
        ..NONE
    },
    Program {
        names: &["wrangler"],
        stdin: Stdin::With(&["secret"]),
        examples: &[("echo s3cr8 | wrangler secret put API", "s3cr8")],
        innocent: &["echo hello | wrangler deploy"],
        ..NONE
    },
    Program {
        names: &["kubeseal"],
        stdin: Stdin::With(&["--raw"]),
        examples: &[("echo -n s3cr8 | kubeseal --raw --name a", "s3cr8")],
        innocent: &["kubeseal --format yaml"],
        ..NONE
    },
    Program {
        names: &["microk8s"],
        words: &["join !:"],
        examples: &[("microk8s join 10.0.0.1:25000/s3cr8/s3cr8", "25000/s3cr8/s3cr8")],
        innocent: &["microk8s status"],
        ..NONE
    },
    Program {
        names: &["kubeadm"],
        words: &["token create !.", "token delete !."],
        examples: &[("kubeadm token create abc123.0123456789abcdef --ttl 1h", "abc123.0123456789abcdef")],
        innocent: &["kubeadm token create --ttl 1h", "kubeadm token list"],
        ..NONE
    },
    Program {
        names: &["zerotier-cli"],
        options: &[glued("-T")],
        examples: &[("zerotier-cli -Ts3cr8 status", "s3cr8")],
        innocent: &["zerotier-cli status"],
        ..NONE
    },
    // hashes of passwords
    Program {
        names: &["argon2"],
        stdin: Stdin::Secret,
        examples: &[("echo -n s3cr8 | argon2 somesalt -id", "s3cr8")],
        innocent: &["argon2 -h"],
        ..NONE
    },
    Program {
        names: &["mkpasswd"],
        options: &[next("-m", Url), next("-S", Url), next("-R", Url), next("--method", Url)],
        words: &["!"],
        stdin: Stdin::Secret,
        examples: &[("mkpasswd -m sha-512 s3cr8", "s3cr8"), ("echo s3cr8 | mkpasswd -s", "s3cr8")],
        innocent: &["mkpasswd -m help"],
        ..NONE
    },
    Program {
        names: &["caddy"],
        options: &[next("--plaintext", Whole), next("-p", Whole)],
        examples: &[("caddy hash-password --plaintext s3cr8", "s3cr8")],
        innocent: &["caddy run --config /etc/caddy/Caddyfile"],
        ..NONE
    },
    // what attackers run
    Program {
        names: &["secretsdump.py", "psexec.py", "wmiexec.py", "smbexec.py", "atexec.py", "dcomexec.py",
            "GetUserSPNs.py", "GetNPUsers.py", "mssqlclient.py", "smbclient.py", "lookupsid.py", "samrdump.py",
            "getTGT.py", "getST.py", "impacket-secretsdump", "impacket-wmiexec", "impacket-smbexec"],
        words: &["!:@", "* !:@"],
        examples: &[("secretsdump.py 'dom/ana:s3cr8@10.0.0.9'", "s3cr8")],
        innocent: &["secretsdump.py -no-pass dom/ana@10.0.0.9"],
        ..NONE
    },
    Program {
        names: &["hydra", "medusa", "rdesktop"],
        options: &[both("-p", Whole)],
        examples: &[("hydra -l ana -p s3cr8 ssh://h", "s3cr8"), ("rdesktop -u ana -p s3cr8 h", "s3cr8")],
        innocent: &["hydra -L users.txt -P words.txt ssh://h", "rdesktop h"],
        ..NONE
    },
    Program {
        names: &["kerbrute"],
        words: &["passwordspray * !"],
        examples: &[("kerbrute passwordspray users.txt s3cr8", "s3cr8")],
        innocent: &["kerbrute userenum users.txt"],
        ..NONE
    },
    // more databases
    Program {
        names: &["db2"],
        words: &["connect to * user * using !"],
        examples: &[("db2 connect to x user u using s3cr8", "s3cr8")],
        innocent: &["db2 connect to x", "db2 list tables"],
        ..NONE
    },
    Program {
        names: &["hdbsql"],
        options: &[both("-p", Whole)],
        examples: &[("hdbsql -n h:30015 -u u -p s3cr8 'select 1'", "s3cr8")],
        innocent: &["hdbsql -U key 'select 1'"],
        ..NONE
    },
    Program {
        names: &["vsql"],
        options: &[both("-w", Whole)],
        examples: &[("vsql -h h -U u -w s3cr8 -c 'select 1'", "s3cr8")],
        innocent: &["vsql -h h -U u"],
        ..NONE
    },
    Program {
        names: &["bteq"],
        options: &[both("-P", Whole)],
        words: &[".logon !,", "logon !,"],
        stdin: Stdin::Words,
        examples: &[("echo '.logon h/u,s3cr8' | bteq", "s3cr8")],
        innocent: &["bteq"],
        ..NONE
    },
    Program {
        names: &["vault", "bao"],
        options: &[next("-accessor", Url)],
        words: &["operator unseal !", "login !", "operator rekey !", "unseal !", "token lookup !",
            "token revoke !", "token renew !", "kv put =*", "kv patch =*"],
        stdin: Stdin::With(&["-"]),
        examples: &[("echo s3cr8s3cr8 | vault login -", "s3cr8s3cr8"), ("vault kv patch secret/db pw=s3cr8", "s3cr8"), ("vault operator unseal s3cr8s3cr8s3", "s3cr8s3cr8s3"), ("vault login s3cr8s3cr8", "s3cr8s3cr8")],
        innocent: &["vault token lookup -accessor s3cr8s3cr8", "vault status", "vault login -method=oidc", "vault operator init", "vault kv get secret/db",
            "echo s3cr8s3cr8 | vault kv list"],
        ..NONE
    },
    Program {
        names: &["mc", "mcli"],
        words: &["alias set * * * !", "config host add * * * !", "admin user add * * !"],
        examples: &[("mc alias set minio http://minio:9000 minioadmin s3cr8", "s3cr8")],
        innocent: &["mc mb minio/backups", "mc alias list"],
        ..NONE
    },
    Program {
        names: &["aws", "npm", "yarn", "pnpm", "gcloud", "git", "pip", "poetry", "gem", "gsutil"],
        after: &["put-parameter"],
        options: &[next("--value", Odd)],
        words: &["configure set aws_secret_access_key !", "configure set aws_session_token !",
            "config set * !?", "config * !?"],
        examples: &[("aws ssm put-parameter --name /a --value S3cr8 --type SecureString", "S3cr8"),
            ("aws configure set aws_secret_access_key s3cr8/s3cr8", "s3cr8/s3cr8"),
            ("npm config set //r.example.com/:_authToken s3cr8", "s3cr8")],
        innocent: &["aws ssm put-parameter --name /a --value eu-west-1 --type String", "git config --value X",
            "aws configure set region eu-1", "git config --global user.name jane", "aws s3 ls"],
        ..NONE
    },
    Program {
        names: &["rabbitmqctl"],
        words: &["add_user * !", "change_password * !", "authenticate_user * !"],
        examples: &[("rabbitmqctl add_user app s3cr8", "s3cr8"),
            ("rabbitmqctl change_password app s3cr8", "s3cr8")],
        innocent: &["rabbitmqctl list_users"],
        ..NONE
    },
    Program {
        names: &["grafana-cli", "grafana"],
        words: &["admin reset-admin-password !", "cli admin reset-admin-password !"],
        examples: &[("grafana-cli admin reset-admin-password s3cr8", "s3cr8")],
        innocent: &["grafana-cli plugins install x"],
        ..NONE
    },
    Program {
        names: &["jenkins-cli", "jenkins-cli.jar"],
        options: &[next("-auth", AfterColon)],
        examples: &[("java -jar jenkins-cli.jar -s http://j -auth ops:s3cr8 version", "s3cr8")],
        innocent: &["java -jar jenkins-cli.jar -s http://j version"],
        ..NONE
    },
    Program {
        names: &["dotnet", "choco"],
        options: &[next("-k", Whole), next("--api-key", Whole)],
        examples: &[("dotnet nuget push a.nupkg -k s3cr8", "s3cr8")],
        innocent: &["dotnet run"],
        ..NONE
    },
    // keys and certificates
    Program {
        names: &["keytool", "jarsigner"],
        options: &[next("-storepass", Whole), next("-keypass", Whole), next("-srcstorepass", Whole),
            next("-deststorepass", Whole), next("-srckeypass", Whole), next("-destkeypass", Whole),
            next("-new", Whole)],
        examples: &[("keytool -importcert -noprompt -storepass s3cr8 -alias ca", "s3cr8")],
        innocent: &["keytool -list -keystore /etc/a.jks", "keytool -list -storepass:file /run/pw"],
        ..NONE
    },
    Program {
        names: &["openssl"],
        options: &[next("-passin", Pass), next("-passout", Pass), next("-pass", Pass),
            next("-password", Pass), next("-k", Whole), next("-K", Whole), next("-hmac", Whole),
            next("-macopt", Pass)],
        words: &["passwd !"],
        examples: &[("openssl pkcs12 -in k.p12 -passin pass:s3cr8 -out k.pem", "s3cr8"),
            ("openssl enc -d -aes-256-cbc -k s3cr8 -in x", "s3cr8")],
        innocent: &["openssl x509 -in a.pem -noout", "openssl rsa -passin env:PW -in a.pem",
            "openssl rsa -passin file:/run/pw"],
        ..NONE
    },
    Program {
        names: &["mosquitto_passwd"],
        words: &["* * !"],
        examples: &[("mosquitto_passwd -b /etc/p u s3cr8", "s3cr8")],
        innocent: &["mosquitto_passwd -D /etc/p u"],
        ..NONE
    },
    Program {
        names: &["radtest"],
        words: &["* !", "* * * * !"],
        examples: &[("radtest bob s3cr8", "s3cr8")],
        innocent: &["radtest"],
        ..NONE
    },
    Program {
        names: &["airflow"],
        options: &[both("-p", Whole)],
        examples: &[("airflow users create -u a -p s3cr8 -r Admin", "s3cr8")],
        innocent: &["airflow users list", "airflow scheduler --pid /run/a.pid"],
        ..NONE
    },
    Program {
        names: &["zkCli.sh", "zkCli"],
        words: &["addauth digest !:"],
        examples: &[("zkCli.sh addauth digest admin:s3cr8", "s3cr8")],
        innocent: &["zkCli.sh ls /"],
        ..NONE
    },
    Program {
        names: &["oathtool"],
        words: &["!"],
        examples: &[("oathtool --totp -b JBSWY3DPEHPK3PXP", "JBSWY3DPEHPK3PXP")],
        innocent: &["oathtool --version"],
        ..NONE
    },
    Program {
        names: &["elasticsearch-keystore", "kibana-keystore", "logstash-keystore", "opensearch-keystore"],
        stdin: Stdin::Secret,
        examples: &[("echo s3cr8 | elasticsearch-keystore add -x k", "s3cr8")],
        innocent: &["elasticsearch-keystore list"],
        ..NONE
    },
    Program {
        names: &["psexec", "psexec64", "PsExec", "PsExec64", "psExec", "PSEXEC"],
        options: &[next("-p", Whole)],
        examples: &[("PsExec.exe HOST -u ops -p s3cr8 cmd", "s3cr8")],
        innocent: &["psexec HOST cmd /c dir", "psexec HOST -u ops -p %PW% cmd"],
        ..NONE
    },
    Program {
        names: &["ssh-keygen"],
        options: &[next("-N", Whole), next("-P", Whole)],
        examples: &[("ssh-keygen -t rsa -N s3cr8 -f id", "s3cr8")],
        innocent: &["ssh-keygen -t ed25519 -N '' -f id"],
        ..NONE
    },
    // system
    Program {
        names: &["sshpass"],
        options: &[both("-p", Whole)],
        examples: &[("sshpass -p 's3cr8' scp a deploy@10.1.2.3:/srv", "s3cr8"),
            ("sshpass -ps3cr8 ssh x", "s3cr8")],
        innocent: &["sshpass -e ssh x", "sshpass -f /run/pw ssh -p 22 x"],
        ..NONE
    },
    Program {
        names: &["chpasswd"],
        stdin: Stdin::Pairs,
        examples: &[("echo 'root:s3cr8' | chpasswd", "s3cr8"), ("echo root:s3cr8|chpasswd", "s3cr8"),
            ("chpasswd <<< 'root:s3cr8'", "s3cr8")],
        innocent: &["echo 'root:$PW' | chpasswd", "chpasswd < /run/users"],
        ..NONE
    },
    Program {
        names: &["su", "passwd", "smbpasswd", "kinit", "cryptsetup", "ecryptfs-add-passphrase", "kadmin"],
        stdin: Stdin::Secret,
        examples: &[("printf '%s\\n%s\\n' s3cr8 s3cr8 | passwd app", "s3cr8"),
            ("echo \"s3cr8\" | kinit admin", "s3cr8"), ("kinit admin <<< s3cr8", "s3cr8")],
        innocent: &["passwd -l app", "echo $PW | passwd --stdin app"],
        ..NONE
    },
    Program {
        names: &["sudo", "gpg", "gpg2", "age"],
        stdin: Stdin::With(&["-S", "--passphrase-fd", "--stdin"]),
        examples: &[("echo s3cr8 | sudo -S apt update", "s3cr8"),
            ("echo s3cr8 | gpg --batch --passphrase-fd 0 -d a.gpg", "s3cr8"), ("sudo -kS id <<< s3cr8", "s3cr8")],
        innocent: &["echo hello | sudo -u app tee x", "sudo ls -la", "echo vm.x=1 | sudo tee /etc/sysctl.d/a.conf"],
        ..NONE
    },
    Program {
        names: &["wpa_passphrase"],
        words: &["* !"],
        examples: &[("wpa_passphrase shop s3cr8", "s3cr8")],
        innocent: &["wpa_passphrase shop"],
        ..NONE
    },
    Program {
        names: &["useradd", "usermod"],
        options: &[next("-p", Whole), next("--password", Whole)],
        examples: &[("useradd -m -p s3cr8hash jane", "s3cr8hash")],
        innocent: &["useradd -m jane"],
        ..NONE
    },
    Program {
        names: &["htpasswd", "htdigest"],
        words: &["* * !", "@ !"],
        stdin: Stdin::With(&["-i"]),
        examples: &[("echo s3cr8 | htpasswd -iB /etc/users admin", "s3cr8"),
            ("htpasswd -bc /etc/nginx/htpasswd admin s3cr8", "s3cr8"),
            ("htpasswd -nb admin s3cr8", "s3cr8")],
        innocent: &["htpasswd -c /etc/nginx/htpasswd admin", "htpasswd -i -B /etc/htpasswd ana < /run/pw"],
        ..NONE
    },
    Program {
        names: &["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami", "ldapmodrdn",
            "ldapcompare", "ldapexop", "dsconf"],
        options: &[both("-w", Whole)],
        examples: &[("ldapadd -x -D cn=admin,dc=x -w s3cr8 -f a.ldif", "s3cr8"),
            ("ldapsearch -x -ws3cr8 -b dc=x", "s3cr8")],
        innocent: &["ldapsearch -x -W -b dc=x", "ldapsearch -x -s sub -b dc=x"],
        ..NONE
    },
    Program {
        names: &["ldappasswd"],
        options: &[both("-w", Whole), next("-s", Whole), next("-a", Whole)],
        examples: &[("ldappasswd -x -D cn=admin -s s3cr8 uid=jane", "s3cr8")],
        innocent: &["ldappasswd -x -S uid=jane"],
        ..NONE
    },
    Program {
        names: &["7z", "7za", "7zz", "7zr", "rar", "unrar"],
        options: &[glued("-p"), glued("-hp")],
        examples: &[("7z a -ps3cr8 out.7z /data", "s3cr8")],
        innocent: &["7z x in.7z -o/data"],
        ..NONE
    },
    Program {
        names: &["zip", "unzip", "zipcloak"],
        options: &[both("-P", Whole)],
        examples: &[("zip -r -P s3cr8 out.zip /data", "s3cr8")],
        innocent: &["zip -r out.zip /data"],
        ..NONE
    },
    Program {
        names: &["winexe", "smbclient", "rpcclient", "smbmap", "smbget", "wmic", "smbcacls", "smbtree"],
        options: &[both("-U", AfterPercent), next("--user", AfterPercent)],
        examples: &[("smbclient //nas/x -U 'ops%s3cr8'", "s3cr8")],
        innocent: &["smbclient //nas/x -U ops"],
        ..NONE
    },
    Program {
        names: &["lftp", "ncftpput", "ncftpget", "ncftpls", "open"],
        options: &[both("-u", AfterComma), next("-p", Whole)],
        examples: &[("lftp -u ops,s3cr8 ftp.example.com", "s3cr8"), ("open -u ops,s3cr8 h", "s3cr8")],
        innocent: &["lftp ftp.example.com"],
        ..NONE
    },
    Program {
        names: &["ipmitool", "mosquitto_pub", "mosquitto_sub", "mosquitto_rr", "impacket-psexec"],
        options: &[both("-P", Whole), both("-pw", Whole)],
        examples: &[("ipmitool -I lanplus -H bmc -U admin -P s3cr8 power status", "s3cr8"),
            ("mosquitto_pub -h mq -u app -P s3cr8 -t a -m b", "s3cr8")],
        innocent: &["mosquitto_sub -h mq -p 1883 -t a"],
        ..NONE
    },
    Program {
        names: &["snmpwalk", "snmpget", "snmpset", "snmpbulkwalk", "snmptrap"],
        options: &[next("-c", Whole), next("-A", Whole), next("-X", Whole)],
        examples: &[("snmpwalk -v3 -u ops -A s3cr8auth -l authPriv sw1", "s3cr8auth")],
        innocent: &["snmpwalk -v3 sw1"],
        ..NONE
    },
    Program {
        names: &["plink", "pscp", "psftp", "putty"],
        options: &[next("-pw", Whole)],
        examples: &[("plink -ssh ops@sw1 -pw s3cr8", "s3cr8")],
        innocent: &["plink -P 22 -ssh ops@sw1"],
        ..NONE
    },
    Program {
        names: &["swaks", "sendemail", "msmtp", "mutt"],
        options: &[next("-ap", Whole), next("-xp", Whole), next("--auth-password", Whole)],
        examples: &[("swaks --to a@example.com -au ops -ap s3cr8", "s3cr8")],
        innocent: &["swaks --to a@example.com"],
        ..NONE
    },
    Program {
        names: &["ConvertTo-SecureString", "ConvertTo-SecureString.exe"],
        options: &[next("-String", Whole)],
        words: &["!"],
        examples: &[("ConvertTo-SecureString 's3cr8' -AsPlainText -Force", "s3cr8")],
        innocent: &["ConvertTo-SecureString $password -AsPlainText"],
        ..NONE
    },
    Program {
        names: &["rclone"],
        words: &["obscure !", "config create ?*", "config update ?*", "config password ?*"],
        examples: &[("rclone config create a s3 secret_access_key s3cr8 region eu-1", "s3cr8"), ("rclone obscure s3cr8", "s3cr8")],
        innocent: &["rclone sync a b"],
        ..NONE
    },
    Program {
        names: &["racadm"],
        options: &[next("-p", Whole)],
        examples: &[("racadm -r h -u root -p s3cr8 getsysinfo", "s3cr8")],
        innocent: &["racadm getsysinfo"],
        ..NONE
    },
    Program {
        names: &["xfreerdp", "xfreerdp3", "wfreerdp", "winrs", "wecutil", "schtasks", "msdeploy", "vmconnect"],
        options: &[glued("/p:"), glued("-p:"), glued("/gp:"), next("/p", Whole), next("/rp", Whole)],
        examples: &[("xfreerdp /u:a /p:s3cr8 /v:h", "s3cr8"), ("winrs -r:h -u:a -p:s3cr8 dir", "s3cr8"),
            ("schtasks /create /u a /rp s3cr8", "s3cr8")],
        innocent: &["xfreerdp /u:a /v:h", "winrs -r:h dir", "schtasks /query"],
        ..NONE
    },
    Program {
        names: &["SonarScanner", "SonarScanner.MSBuild", "sonar-scanner", "dotnet-sonarscanner", "sonarscanner"],
        options: &[Opt { what: Odd, ..glued("/d:sonar.login=") }, Opt { what: Odd, ..glued("-Dsonar.login=") }],
        examples: &[("sonar-scanner -Dsonar.login=S3cr8", "S3cr8"), ("SonarScanner begin /d:sonar.login=S3cr8", "S3cr8")],
        innocent: &["SonarScanner begin /k:proj /d:sonar.login=admin"],
        ..NONE
    },
    Program {
        names: &["isql"],
        options: &[both("-P", Whole)],
        words: &["* * !"],
        examples: &[("isql mydsn sa s3cr8", "s3cr8")],
        innocent: &["isql mydsn", "isql -v"],
        ..NONE
    },
    Program {
        names: &["!connect"],
        words: &["* * !"],
        examples: &[("!connect jdbc:hive2://h:10000 ana s3cr8", "s3cr8")],
        innocent: &["!connect jdbc:hive2://h:10000"],
        ..NONE
    },
    Program {
        names: &["doctl"],
        options: &[next("-t", Whole)],
        examples: &[("doctl auth init -t s3cr8", "s3cr8")],
        innocent: &["doctl auth init"],
        ..NONE
    },
    Program {
        names: &["composer"],
        words: &["config * * !~", "config * !?"],
        examples: &[("composer config http-basic.r.example u S3cr8", "S3cr8")],
        innocent: &["composer config repositories.a vcs https://x.example/a", "composer install"],
        ..NONE
    },
    Program {
        names: &["swift"],
        options: &[next("-K", Whole)],
        examples: &[("swift -A http://k -U t:u -K s3cr8 list", "s3cr8")],
        innocent: &["swift list"],
        ..NONE
    },
    Program {
        names: &["virsh"],
        options: &[next("--base64", Whole)],
        words: &["secret-set-value * !"],
        examples: &[("virsh secret-set-value --secret 5d --base64 s3cr8s3cr8", "s3cr8s3cr8")],
        innocent: &["virsh list"],
        ..NONE
    },
    Program {
        names: &["iscsiadm"],
        options: &[next("-n", Name), next("--name", Name)],
        examples: &[("iscsiadm -m node -n node.session.auth.password -v s3cr8", "s3cr8")],
        innocent: &["iscsiadm -m node -n node.startup -v automatic"],
        ..NONE
    },
    Program {
        names: &["nmcli"],
        words: &["dev ?*", "device ?*", "con ?*", "connection ?*", "d ?*", "c ?*"],
        examples: &[("nmcli dev wifi connect home password s3cr8", "s3cr8")],
        innocent: &["nmcli dev wifi connect home"],
        ..NONE
    },
    Program {
        names: &["tee"],
        stdin: Stdin::Named(&[]),
        examples: &[("echo s3cr8 | tee /run/secrets/db_password", "s3cr8")],
        innocent: &["echo s3cr8 | tee /var/log/till.log", "tee /run/db_password"],
        ..NONE
    },
    Program {
        names: &["neo4j-admin"],
        options: &[both("-p", Whole)],
        words: &["set-initial-password !", "dbms set-initial-password !"],
        examples: &[("neo4j-admin dbms set-initial-password s3cr8", "s3cr8")],
        innocent: &["neo4j-admin dbms info"],
        ..NONE
    },
    Program {
        names: &["ipa"],
        options: &[both("-w", Whole)],
        stdin: Stdin::With(&["--password"]),
        examples: &[("echo s3cr8 | ipa user-add ana --first A --password", "s3cr8")],
        innocent: &["ipa user-find ana"],
        ..NONE
    },
    Program {
        names: &["realm", "op", "pass", "bw"],
        words: &["unlock !", "login * !"],
        stdin: Stdin::With(&["join", "signin", "insert"]),
        examples: &[("echo s3cr8 | realm join -U admin x.example", "s3cr8"), ("bw unlock s3cr8 --raw", "s3cr8"),
            ("echo s3cr8 | pass insert -e db/till", "s3cr8")],
        innocent: &["pass show db/till", "realm list"],
        ..NONE
    },
    Program {
        names: &["pkcs11-tool", "softhsm2-util", "pkcs15-init", "p11tool", "yubico-piv-tool", "ykman", "pkcs15-tool"],
        options: &[next("--pin", Whole), next("--so-pin", Whole), next("--new-pin", Whole), next("--puk", Whole)],
        examples: &[("pkcs11-tool --login --pin 4471 -O", "4471")],
        innocent: &["pkcs11-tool -L"],
        ..NONE
    },
    Program {
        names: &["net"],
        options: &[both("-U", AfterPercent)],
        words: &["use * !~", "use * * !~", "use * * * !~", "user * !~"],
        examples: &[("net use Z: srv /user:a S3cr8", "S3cr8"), ("net user app S3cr8 /add", "S3cr8")],
        innocent: &["net use Z: srv", "net user app /delete", "net start w32time"],
        ..NONE
    },
    Program {
        names: &["connect", "conn", "CONNECT", "CONN", "sql"],
        words: &["!@"],
        examples: &[("connect system/s3cr8@//h/x", "s3cr8")],
        innocent: &["connect svc/web 8080", "connect to/from"],
        ..NONE
    },
    Program {
        names: &["jq", "gojq", "jaq"],
        options: &[next("--arg", Name)],
        examples: &[("jq --arg password s3cr8 --arg x y .p", "s3cr8")],
        innocent: &["jq .token a.json", "jq --arg region eu-1 .x a.json"],
        ..NONE
    },
    Program {
        names: &["occ", "wp", "drush"],
        words: &["config:system:set ?*", "config:app:set ?*", "config set ?*"],
        examples: &[("occ config:system:set redis password --value=s3cr8", "s3cr8"),
            ("wp config set DB_PASSWORD s3cr8", "s3cr8")],
        innocent: &["occ config:system:set redis host --value=r", "wp config set DB_HOST db"],
        ..NONE
    },
    Program {
        names: &["read"],
        stdin: Stdin::Named(&["-s"]),
        examples: &[("read -rs X <<< s3cr8", "s3cr8"), ("read DB_PASSWORD <<< s3cr8", "s3cr8")],
        innocent: &["read -r line <<< s3cr8", "read -p 'Name: ' NAME"],
        ..NONE
    },
    Program {
        names: &["base64", "b64encode"],
        stdin: Stdin::Pair,
        examples: &[("echo -n ops:s3cr8 | base64 -w0", "s3cr8")],
        innocent: &["echo hello | base64", "echo http://x.example:80 | base64", "base64 -d a"],
        ..NONE
    },
    Program {
        names: &["wg", "awg"],
        stdin: Stdin::With(&["private-key", "preshared-key"]),
        words: &["set ?*"],
        examples: &[("echo s3cr8s3cr8s3 | wg set wg0 private-key /dev/stdin", "s3cr8s3cr8s3"), ("wg set wg0 peer x preshared-key <(echo s3cr8s3cr8s3)", "s3cr8s3cr8s3")],
        innocent: &["wg set wg0 private-key /etc/wg.key", "wg show wg0"],
        ..NONE
    },
    Program {
        names: &["sed", "gsed", "perl"],
        words: &["s*"],
        examples: &[("sed -i s/CHANGEME_PASSWORD/s3cr8/ /etc/a", "s3cr8"),
            ("sed -e 's|@TOKEN@|s3cr8|g' a", "s3cr8")],
        innocent: &["sed -i s/OLD_HOST/new-host/ a", "sed s/PASSWORD_OLD/PASSWORD_NEW/ a", "sed s/PASSWORD/$PW/ a"],
        ..NONE
    },
    Program {
        names: &["slappasswd"],
        options: &[next("-s", Whole)],
        examples: &[("slappasswd -s s3cr8", "s3cr8")],
        innocent: &["slappasswd -h '{SSHA}'"],
        ..NONE
    },
    Program {
        names: &["yt-dlp", "youtube-dl", "isql-fb", "unar", "steghide"],
        options: &[next("-p", Whole)],
        examples: &[("steghide extract -sf a.jpg -p s3cr8", "s3cr8"), ("isql-fb -u SYSDBA -p s3cr8 x.fdb", "s3cr8")],
        innocent: &["yt-dlp -o a.mp4 https://x"],
        ..NONE
    },
    Program {
        names: &["ccrypt"],
        options: &[next("-K", Whole)],
        examples: &[("ccrypt -K s3cr8 a.txt", "s3cr8")],
        innocent: &["ccrypt -e a.txt"],
        ..NONE
    },
    Program {
        names: &["pk12util"],
        options: &[next("-W", Whole), next("-K", Whole)],
        examples: &[("pk12util -i a.p12 -W s3cr8", "s3cr8")],
        innocent: &["pk12util -l a.p12"],
        ..NONE
    },
    Program {
        names: &["p4"],
        options: &[next("-P", Whole)],
        stdin: Stdin::With(&["login"]),
        examples: &[("p4 -P s3cr8 sync", "s3cr8"), ("echo s3cr8 | p4 login", "s3cr8")],
        innocent: &["p4 -p ssl:host:1666 sync"],
        ..NONE
    },
    Program {
        names: &["nsupdate", "dig"],
        options: &[next("-y", AfterColon)],
        examples: &[("dig -y k:s3cr8 @h x axfr", "s3cr8")],
        innocent: &["dig @h x axfr"],
        ..NONE
    },
    Program {
        names: &["vncpasswd"],
        stdin: Stdin::Secret,
        examples: &[("echo s3cr8 | vncpasswd -f", "s3cr8")],
        innocent: &["vncpasswd -h"],
        ..NONE
    },
    Program {
        names: &["radclient"],
        words: &["* auth !", "* acct !"],
        examples: &[("radclient h auth s3cr8", "s3cr8")],
        innocent: &["radclient h status"],
        ..NONE
    },
    // These have options that look like those above.
    Program {
        names: &["mkdir", "ssh", "scp", "cp", "rm", "mv", "tar", "nc", "ncat", "date", "chown",
            "chmod", "ps", "kill", "touch", "ls", "cat", "grep", "awk", "find",
            "psql", "pg_isready", "pg_dump", "pg_restore", "pg_dumpall", "createdb", "initdb", "nginx",
            "iptables", "lsof", "netstat", "df", "du", "sort", "uniq", "head", "tail", "cut",
            "sleep", "apt-get", "apk", "yum"],
        innocent: &["mkdir -p /data/app", "ssh -p 22 host", "psql -U app -p 5432 -c 'select 1'",
            "date -u +%F", "docker login x; mkdir -p /data"],
        ..NONE
    },
];

/// Programs that print their arguments.
pub(super) fn prints(name: &[u8]) -> bool {
    matches!(name, b"echo" | b"printf" | b"yes" | b"Write-Output")
}

/// How many places the table of names has.
const PLACES: usize = 1024;

const fn hash(name: &[u8]) -> usize {
    let mut hash = 0x811c_9dc5_u32;
    let mut at = 0;
    while at < name.len() {
        hash = (hash ^ name[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    (hash ^ hash >> 15) as usize % PLACES
}

/// Row and name of every program, plus one, by the hash of the name; open addressing.
static BY_NAME: [(u8, u8); PLACES] = {
    let mut places = [(0, 0); PLACES];
    let mut row = 0;
    while row < PROGRAMS.len() {
        let names = PROGRAMS[row].names;
        let mut name = 0;
        while name < names.len() {
            let mut at = hash(names[name].as_bytes());
            while places[at].0 != 0 {
                at = (at + 1) % PLACES;
            }
            places[at] = (row as u8 + 1, name as u8);
            name += 1;
        }
        row += 1;
    }
    places
};

/// Lengths of the names that start with each letter, a bit each.
static LENGTHS: [u32; 128] = {
    let mut lengths = [0; 128];
    let mut row = 0;
    while row < PROGRAMS.len() {
        let names = PROGRAMS[row].names;
        let mut name = 0;
        while name < names.len() {
            let text = names[name].as_bytes();
            lengths[text[0] as usize] |= 1 << text.len();
            name += 1;
        }
        row += 1;
    }
    lengths
};

/// The row of the program that a word runs, by the last part of its path.
pub(super) fn find(word: &[u8]) -> Option<&'static Program> {
    let slash = memchr::memrchr2(b'/', b'\\', word).map_or(0, |slash| slash + 1);
    let name = &word[slash..];
    let name = name.strip_suffix(b".exe").or_else(|| name.strip_suffix(b".EXE")).unwrap_or(name);
    let first = *name.first()?;
    let known = name.len() < 32
        && LENGTHS.get(usize::from(first)).is_some_and(|set| set >> name.len() & 1 == 1);
    if !known {
        return None;
    }
    let mut at = hash(name);
    loop {
        let (row, nth) = BY_NAME[at];
        let program = &PROGRAMS[usize::from(row.checked_sub(1)?)];
        if program.names[usize::from(nth)].as_bytes() == name {
            return Some(program);
        }
        at = (at + 1) % PLACES;
    }
}
