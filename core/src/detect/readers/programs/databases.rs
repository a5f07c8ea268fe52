//! Databases, queues and caches.

use super::What::{AfterColon, Odd, Url, Whole};
use super::{NONE, Program, Stdin, both, glued, next};

#[rustfmt::skip]
pub(super) const ROWS: &[Program] = &[
    Program {
        names: &["mysql", "mysqladmin", "mysqldump", "mysqlimport", "mysqlcheck", "mysqlshow",
            "mysqlslap", "mysqlbinlog", "mysqlpump", "mariadb", "mariadb-admin", "mariadb-dump",
            "mariadb-check", "mariadb-import", "mariadb-show", "mariadb-backup", "xtrabackup",
            "innobackupex", "pt-table-checksum", "pt-query-digest"],
        options: &[glued("-p")],
        #[cfg(test)]
        examples: &[("mysql -uroot -ps3cr8 -e 'select 1'", "s3cr8"),
            ("/usr/bin/mysqladmin ping -h 127.0.0.1 -p's3 cr8'", "s3 cr8"),
            ("kubectl exec db-0 -- mysqldump -u root -ps3cr8 app", "s3cr8")],
        #[cfg(test)]
        innocent: &["mysql -u root -p app", "mysqladmin ping -P 3306", "mysql -p$MYSQL_PWD"],
        ..NONE
    },
    Program {
        names: &["mysqlsh"],
        options: &[glued("-p"), next("--uri", Url)],
        #[cfg(test)]
        examples: &[("mysqlsh -u root -ps3cr8 --sql", "s3cr8")],
        #[cfg(test)]
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
        #[cfg(test)]
        examples: &[("mongosh admin -u root -p s3cr8 --eval 'db.stats()'", "s3cr8"),
            ("mongodump -u root -ps3cr8 --archive", "s3cr8"),
            ("cypher-shell -u neo4j -p s3cr8 'RETURN 1'", "s3cr8")],
        #[cfg(test)]
        innocent: &["mongosh --port 27017", "mongodump -p $(MONGO_PASSWORD)"],
        ..NONE
    },
    Program {
        names: &["redis-cli", "valkey-cli", "keydb-cli", "redis-benchmark", "valkey-benchmark"],
        options: &[next("-a", Whole), next("--pass", Whole), next("-u", Url)],
        words: &["auth !", "auth * !", "config set requirepass !", "config set masterauth !",
            "acl setuser * on !", "migrate * * * * * auth !", "hello * auth * !"],
        stdin: Stdin::Words,
        #[cfg(test)]
        examples: &[("redis-cli <<< 'AUTH s3cr8'", "s3cr8"), ("echo 'auth s3cr8' | redis-cli", "s3cr8"),
            ("redis-cli -h localhost -a s3cr8 ping", "s3cr8"),
            ("redis-cli AUTH s3cr8", "s3cr8"),
            ("redis-cli config set requirepass s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["redis-cli -h localhost -p 6379 ping", "redis-cli -a $REDIS_PASSWORD ping",
            "redis-cli --bigkeys"],
        ..NONE
    },
    Program {
        names: &["ksql"],
        options: &[next("-p", Whole)],
        #[cfg(test)]
        examples: &[("ksql -u ops -p s3cr8 http://ksql:8088", "s3cr8")],
        #[cfg(test)]
        innocent: &["ksql http://ksql:8088"],
        ..NONE
    },
    Program {
        names: &["sqlcmd", "bcp", "osql", "mssql-cli", "tsql"],
        options: &[both("-P", Whole)],
        #[cfg(test)]
        examples: &[("/opt/mssql-tools18/bin/sqlcmd -S localhost -U sa -P s3cr8 -Q 'SELECT 1'", "s3cr8"),
            ("sqlcmd -U sa -Ps3cr8 -C", "s3cr8")],
        #[cfg(test)]
        innocent: &["sqlcmd -S localhost -E -Q 'SELECT 1'"],
        ..NONE
    },
    Program {
        names: &["sqlplus", "sqlldr", "expdp", "impdp", "rman", "sqlcl", "tnsping"],
        words: &["!/", "* !/", "* * !/"],
        #[cfg(test)]
        examples: &[("sqlplus app/s3cr8@ora:1521/TILL @init.sql", "s3cr8"),
            ("sqlplus -s system/s3cr8 @x.sql", "s3cr8")],
        #[cfg(test)]
        innocent: &["sqlplus / as sysdba", "sqlplus -s /nolog @/opt/init.sql"],
        ..NONE
    },
    Program {
        names: &["db2"],
        words: &["connect to * user * using !"],
        #[cfg(test)]
        examples: &[("db2 connect to x user u using s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["db2 connect to x", "db2 list tables"],
        ..NONE
    },
    Program {
        names: &["hdbsql"],
        options: &[both("-p", Whole)],
        #[cfg(test)]
        examples: &[("hdbsql -n h:30015 -u u -p s3cr8 'select 1'", "s3cr8")],
        #[cfg(test)]
        innocent: &["hdbsql -U key 'select 1'"],
        ..NONE
    },
    Program {
        names: &["vsql"],
        options: &[both("-w", Whole)],
        #[cfg(test)]
        examples: &[("vsql -h h -U u -w s3cr8 -c 'select 1'", "s3cr8")],
        #[cfg(test)]
        innocent: &["vsql -h h -U u"],
        ..NONE
    },
    Program {
        names: &["bteq"],
        options: &[both("-P", Whole)],
        words: &[".logon !,", "logon !,"],
        stdin: Stdin::Words,
        #[cfg(test)]
        examples: &[("echo '.logon h/u,s3cr8' | bteq", "s3cr8")],
        #[cfg(test)]
        innocent: &["bteq"],
        ..NONE
    },
    Program {
        names: &["isql"],
        options: &[both("-P", Whole)],
        words: &["* * !"],
        #[cfg(test)]
        examples: &[("isql mydsn sa s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["isql mydsn", "isql -v"],
        ..NONE
    },
    Program {
        names: &["!connect"],
        words: &["* * !"],
        #[cfg(test)]
        examples: &[("!connect jdbc:hive2://h:10000 ana s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["!connect jdbc:hive2://h:10000"],
        ..NONE
    },
    Program {
        names: &["connect", "conn", "CONNECT", "CONN", "sql"],
        words: &["!@"],
        #[cfg(test)]
        examples: &[("connect system/s3cr8@//h/x", "s3cr8")],
        #[cfg(test)]
        innocent: &["connect svc/web 8080", "connect to/from"],
        ..NONE
    },
    Program {
        names: &["neo4j-admin"],
        options: &[both("-p", Whole)],
        words: &["set-initial-password !", "dbms set-initial-password !"],
        #[cfg(test)]
        examples: &[("neo4j-admin dbms set-initial-password s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["neo4j-admin dbms info"],
        ..NONE
    },
    Program {
        names: &["rabbitmqctl"],
        words: &["add_user * !", "change_password * !", "authenticate_user * !"],
        #[cfg(test)]
        examples: &[("rabbitmqctl add_user app s3cr8", "s3cr8"),
            ("rabbitmqctl change_password app s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["rabbitmqctl list_users"],
        ..NONE
    },
    Program {
        names: &["zkCli.sh", "zkCli", "zookeeper-shell", "zookeeper-shell.sh"],
        words: &["addauth digest !:", "* addauth digest !:"],
        stdin: Stdin::Words,
        #[cfg(test)]
        examples: &[("zkCli.sh addauth digest admin:s3cr8", "s3cr8"),
            ("zkCli.sh -server zk addauth digest admin:s3cr8", "s3cr8"),
            ("zookeeper-shell zk <<EOF\naddauth digest admin:s3cr8\nls /\nEOF", "s3cr8")],
        #[cfg(test)]
        innocent: &["zkCli.sh ls /"],
        ..NONE
    },
    Program {
        names: &["etcdctl", "elasticdump", "http", "https", "xh", "cockroach"],
        options: &[next("--user", AfterColon), next("-a", AfterColon), next("--auth", AfterColon),
            next("-p", AfterColon)],
        words: &["user add !:", "put * !?"],
        #[cfg(test)]
        examples: &[("etcdctl --user root:s3cr8 get /", "s3cr8"), ("http -a ops:s3cr8 :8080", "s3cr8"),
            ("etcdctl put /app/db/password s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["etcdctl --user root get /", "http GET :8080", "etcdctl put /app/db/host db-0"],
        ..NONE
    },
    Program {
        names: &["elasticsearch-reset-password", "elasticsearch-keystore", "kibana-keystore", "logstash-keystore", "opensearch-keystore"],
        stdin: Stdin::Secret,
        #[cfg(test)]
        examples: &[("echo s3cr8 | elasticsearch-keystore add -x k", "s3cr8")],
        #[cfg(test)]
        innocent: &["elasticsearch-keystore list"],
        ..NONE
    },
    Program {
        names: &["mosquitto_passwd"],
        words: &["* * !"],
        #[cfg(test)]
        examples: &[("mosquitto_passwd -b /etc/p u s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["mosquitto_passwd -D /etc/p u"],
        ..NONE
    },
    Program {
        names: &["influx"],
        options: &[next("-t", Whole), next("-p", Odd), next("--user", AfterColon)],
        #[cfg(test)]
        examples: &[("influx config create -n x -t s3cr8", "s3cr8"), ("influx setup -u admin -p s3Cr8x9Qz -o o", "s3Cr8x9Qz")],
        #[cfg(test)]
        innocent: &["influx write -p ns -b a x"],
        ..NONE
    },
    Program {
        names: &["emqx_ctl", "emqx"],
        words: &["admins add * !", "admins passwd * !", "ctl admins add * !", "ctl admins passwd * !"],
        #[cfg(test)]
        examples: &[("emqx_ctl admins add u s3cr8", "s3cr8"), ("emqx ctl admins passwd u s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["emqx_ctl status"],
        ..NONE
    },
    Program {
        names: &["deluge-console"],
        words: &["connect * * !"],
        #[cfg(test)]
        examples: &[("deluge-console connect h u s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["deluge-console info"],
        ..NONE
    },
];
