//! HTTP, mail, and programs that serve the web.

use super::What::{AfterColon, AfterComma, AfterEquals, Header, Name, Whole};
use super::{NONE, Program, Stdin, both, next};

#[rustfmt::skip]
pub(super) const ROWS: &[Program] = &[
    Program {
        names: &["curl", "curlie"],
        options: &[both("-u", AfterColon), next("--user", AfterColon), both("-U", AfterColon),
            next("--proxy-user", AfterColon), both("-H", Header), next("--header", Header),
            next("--proxy-header", Header), next("--oauth2-bearer", Whole), next("--pass", Whole),
            next("--proxy-pass", Whole), both("-E", AfterColon), next("--cert", AfterColon),
            next("-b", AfterEquals), next("--cookie", AfterEquals)],
        #[cfg(test)]
        examples: &[("curl -b JSESSIONID=s3cr8 https://x", "s3cr8"), ("curl -s -k -u elastic:s3cr8 https://localhost:9200/_cluster/health", "s3cr8"),
            ("curl -fsS --user=elastic:s3cr8 https://localhost:9200", "s3cr8"),
            ("curl -uelastic:s3cr8 localhost", "s3cr8"),
            ("curl -H 'X-Api-Key: s3cr8' https://api.example.com", "s3cr8"),
            ("curl -HX-Api-Key:s3cr8 https://api.example.com", "s3cr8")],
        #[cfg(test)]
        innocent: &["curl -u name https://x", "curl -u \"$USER:$PASS\" https://x",
            "curl -H 'Accept: text/plain' https://x", "curl -U http://proxy:3128", "curl -b jar.txt https://x"],
        ..NONE
    },
    Program {
        names: &["wget", "ab", "hey", "grpcurl", "websocat", "vegeta", "siege", "aria2c"],
        options: &[both("-H", Header), next("--header", Header), next("-A", AfterColon),
            next("-rpc-header", Header), next("-a", AfterColon)],
        #[cfg(test)]
        examples: &[("grpcurl -H 'x-api-key: s3cr8' db:443 list", "s3cr8"), ("hey -a u:s3cr8 http://h", "s3cr8")],
        #[cfg(test)]
        innocent: &["wget --header='Accept: */*' https://x", "ab -n 10 http://x/"],
        ..NONE
    },
    Program {
        names: &["htpasswd", "htdigest"],
        words: &["* * !", "@ !"],
        stdin: Stdin::With(&["-i"]),
        #[cfg(test)]
        examples: &[("echo s3cr8 | htpasswd -iB /etc/users admin", "s3cr8"),
            ("htpasswd -bc /etc/nginx/htpasswd admin s3cr8", "s3cr8"),
            ("htpasswd -nb admin s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["htpasswd -c /etc/nginx/htpasswd admin", "htpasswd -i -B /etc/htpasswd ana < /run/pw"],
        ..NONE
    },
    Program {
        names: &["caddy", "doveadm", "dovecotpw"],
        options: &[next("--plaintext", Whole), next("-p", Whole)],
        stdin: Stdin::With(&["hash-password"]),
        #[cfg(test)]
        examples: &[("caddy hash-password --plaintext s3cr8", "s3cr8"), ("echo s3cr8 | caddy hash-password", "s3cr8"),
            ("doveadm pw -p s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["caddy run --config /etc/caddy/Caddyfile"],
        ..NONE
    },
    Program {
        names: &["jq", "gojq", "jaq"],
        options: &[next("--arg", Name)],
        #[cfg(test)]
        examples: &[("jq --arg password s3cr8 --arg x y .p", "s3cr8")],
        #[cfg(test)]
        innocent: &["jq .token a.json", "jq --arg region eu-1 .x a.json"],
        ..NONE
    },
    Program {
        names: &["swaks", "sendemail", "msmtp", "mutt"],
        options: &[next("-ap", Whole), next("-xp", Whole), next("--auth-password", Whole)],
        #[cfg(test)]
        examples: &[("swaks --to a@example.com -au ops -ap s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["swaks --to a@example.com"],
        ..NONE
    },
    Program {
        names: &["yt-dlp", "youtube-dl", "isql-fb", "unar", "steghide"],
        options: &[next("-p", Whole)],
        #[cfg(test)]
        examples: &[("steghide extract -sf a.jpg -p s3cr8", "s3cr8"), ("isql-fb -u SYSDBA -p s3cr8 x.fdb", "s3cr8")],
        #[cfg(test)]
        innocent: &["yt-dlp -o a.mp4 https://x"],
        ..NONE
    },
    Program {
        names: &["lftp", "ncftpput", "ncftpget", "ncftpls", "open"],
        options: &[both("-u", AfterComma), next("-p", Whole)],
        #[cfg(test)]
        examples: &[("lftp -u ops,s3cr8 ftp.example.com", "s3cr8"), ("open -u ops,s3cr8 h", "s3cr8")],
        #[cfg(test)]
        innocent: &["lftp ftp.example.com"],
        ..NONE
    },
    Program {
        names: &["sftp"],
        words: &["!:@"],
        #[cfg(test)]
        examples: &[("sftp ops:s3cr8@ftp.example.com", "s3cr8")],
        #[cfg(test)]
        innocent: &["sftp ops@ftp.example.com", "sftp ops@ftp.example.com:/in/a.csv"],
        ..NONE
    },
    Program {
        names: &["occ", "wp", "drush"],
        words: &["config:system:set ?*", "config:app:set ?*", "config set ?*", "user:password * !",
            "upwd * !"],
        #[cfg(test)]
        examples: &[("drush user:password admin s3cr8", "s3cr8"), ("occ config:system:set redis password --value=s3cr8", "s3cr8"),
            ("wp config set DB_PASSWORD s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["occ config:system:set redis host --value=r", "wp config set DB_HOST db"],
        ..NONE
    },
    Program {
        names: &["airflow"],
        after: &["users"],
        options: &[both("-p", Whole)],
        #[cfg(test)]
        examples: &[("airflow users create -u a -p s3cr8 -r Admin", "s3cr8")],
        #[cfg(test)]
        innocent: &["airflow users list", "airflow scheduler --pid /run/a.pid"],
        ..NONE
    },
    Program {
        names: &["grafana-cli", "grafana"],
        words: &["admin reset-admin-password !", "cli admin reset-admin-password !"],
        #[cfg(test)]
        examples: &[("grafana-cli admin reset-admin-password s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["grafana-cli plugins install x"],
        ..NONE
    },
    Program {
        names: &["jenkins-cli", "jenkins-cli.jar"],
        options: &[next("-auth", AfterColon)],
        #[cfg(test)]
        examples: &[("java -jar jenkins-cli.jar -s http://j -auth ops:s3cr8 version", "s3cr8")],
        #[cfg(test)]
        innocent: &["java -jar jenkins-cli.jar -s http://j version"],
        ..NONE
    },
    Program {
        names: &["ttyd", "gotty", "shell2http", "filebrowser"],
        options: &[both("-c", AfterColon), next("--credential", AfterColon)],
        words: &["users add * !"],
        #[cfg(test)]
        examples: &[("ttyd -c u:s3cr8 bash", "s3cr8"), ("filebrowser users add u s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["ttyd -p 7681 bash", "filebrowser -r /srv"],
        ..NONE
    },
    Program {
        names: &["transmission-remote", "transmission-daemon"],
        options: &[next("-n", AfterColon), next("--auth", AfterColon), next("-v", Whole)],
        #[cfg(test)]
        examples: &[("transmission-remote h:9091 -n u:s3cr8 -l", "s3cr8"), ("transmission-daemon -u u -v s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["transmission-remote -l"],
        ..NONE
    },
    Program {
        names: &["add-user.sh", "add-user-keycloak.sh", "redfishtool", "offlineimap"],
        options: &[both("-p", Whole)],
        words: &["* !~"],
        #[cfg(test)]
        examples: &[("add-user.sh -u u -p s3cr8", "s3cr8"), ("add-user.sh u S3cr8x", "S3cr8x")],
        #[cfg(test)]
        innocent: &["add-user.sh --silent u"],
        ..NONE
    },
];
