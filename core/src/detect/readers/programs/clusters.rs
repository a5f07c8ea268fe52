//! Containers, clusters and virtual machines, and the networks between them.

use super::What::{AfterColon, BetweenColonAndAt, Whole};
use super::{NONE, Program, Stdin, both, glued, next};

#[rustfmt::skip]
pub(super) const ROWS: &[Program] = &[
    Program {
        names: &["docker", "podman", "nerdctl", "buildah", "oc", "crane", "regctl", "oras", "cosign",
            "helm", "skopeo", "crictl", "argocd", "harbor", "ibmcloud", "rancher",
            "kubectl", "tkn", "singularity", "apptainer", "nuget"],
        after: &["login", "registry"],
        options: &[both("-p", Whole), next("-t", Whole)],
        stdin: Stdin::With(&["--password-stdin", "--with-token", "--stdin", "secret"]),
        #[cfg(test)]
        examples: &[("docker login registry.example.com -u ci -p s3cr8", "s3cr8"),
            ("oc login https://api.example.com:6443 -u kubeadmin -p s3cr8", "s3cr8"),
            ("kubectl create secret generic x --from-literal=pw=s3cr8", "s3cr8"),
            ("skopeo copy --src-creds u:s3cr8 a b", "s3cr8"),
            ("echo s3cr8 | docker login -u ci --password-stdin", "s3cr8"),
            ("echo s3cr8 | docker secret create db -", "s3cr8"), ("docker secret create db <(echo s3cr8)", "s3cr8")],
        #[cfg(test)]
        innocent: &["kubectl create configmap x --from-literal=a=b", "docker run -p 8080:80 nginx", "podman run -t alpine", "helm template -f a.yaml"],
        ..NONE
    },
    Program {
        names: &["ctr", "crictl-pull"],
        options: &[next("-u", AfterColon), next("--user", AfterColon), next("--creds", AfterColon)],
        #[cfg(test)]
        examples: &[("ctr images pull -u ci:s3cr8 r.example.com/a:1", "s3cr8")],
        #[cfg(test)]
        innocent: &["ctr images ls"],
        ..NONE
    },
    Program {
        names: &["kubeseal"],
        stdin: Stdin::With(&["--raw"]),
        #[cfg(test)]
        examples: &[("echo -n s3cr8 | kubeseal --raw --name a", "s3cr8")],
        #[cfg(test)]
        innocent: &["kubeseal --format yaml"],
        ..NONE
    },
    Program {
        names: &["microk8s"],
        words: &["join !:"],
        #[cfg(test)]
        examples: &[("microk8s join 10.0.0.1:25000/s3cr8/s3cr8", "25000/s3cr8/s3cr8")],
        #[cfg(test)]
        innocent: &["microk8s status"],
        ..NONE
    },
    Program {
        names: &["k3s", "rke2"],
        after: &["agent", "server"],
        options: &[next("-t", Whole)],
        #[cfg(test)]
        examples: &[("k3s agent --server https://a:6443 -t s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["k3s kubectl get pods", "k3s ctr images ls"],
        ..NONE
    },
    Program {
        names: &["kubeadm"],
        words: &["token create !.", "token delete !."],
        #[cfg(test)]
        examples: &[("kubeadm token create abc123.0123456789abcdef --ttl 1h", "abc123.0123456789abcdef")],
        #[cfg(test)]
        innocent: &["kubeadm token create --ttl 1h", "kubeadm token list"],
        ..NONE
    },
    Program {
        names: &["zerotier-cli"],
        options: &[glued("-T")],
        #[cfg(test)]
        examples: &[("zerotier-cli -Ts3cr8 status", "s3cr8")],
        #[cfg(test)]
        innocent: &["zerotier-cli status"],
        ..NONE
    },
    Program {
        names: &["wg", "awg"],
        stdin: Stdin::With(&["private-key", "preshared-key"]),
        words: &["set ?*"],
        #[cfg(test)]
        examples: &[("echo s3cr8s3cr8s3 | wg set wg0 private-key /dev/stdin", "s3cr8s3cr8s3"), ("wg set wg0 peer x preshared-key <(echo s3cr8s3cr8s3)", "s3cr8s3cr8s3")],
        #[cfg(test)]
        innocent: &["wg set wg0 private-key /etc/wg.key", "wg show wg0"],
        ..NONE
    },
    Program {
        names: &["nmcli"],
        words: &["dev ?*", "device ?*", "con ?*", "connection ?*", "d ?*", "c ?*"],
        #[cfg(test)]
        examples: &[("nmcli dev wifi connect home password s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["nmcli dev wifi connect home"],
        ..NONE
    },
    Program {
        names: &["virsh"],
        options: &[next("--base64", Whole)],
        words: &["secret-set-value * !"],
        #[cfg(test)]
        examples: &[("virsh secret-set-value --secret 5d --base64 s3cr8s3cr8", "s3cr8s3cr8")],
        #[cfg(test)]
        innocent: &["virsh list"],
        ..NONE
    },
    Program {
        names: &["tee"],
        stdin: Stdin::Named(&[]),
        #[cfg(test)]
        examples: &[("echo s3cr8 | tee /run/secrets/db_password", "s3cr8")],
        #[cfg(test)]
        innocent: &["echo s3cr8 | tee /var/log/till.log", "tee /run/db_password"],
        ..NONE
    },
    Program {
        names: &["gost"],
        options: &[next("-L", BetweenColonAndAt), next("-F", BetweenColonAndAt)],
        #[cfg(test)]
        examples: &[("gost -L=u:s3cr8@:8080", "s3cr8")],
        #[cfg(test)]
        innocent: &["gost -L=:8080"],
        ..NONE
    },
    Program {
        names: &["govc"],
        options: &[next("-u", BetweenColonAndAt)],
        #[cfg(test)]
        examples: &[("govc about -u a:s3cr8@vc", "s3cr8")],
        #[cfg(test)]
        innocent: &["govc about -u vc"],
        ..NONE
    },
    Program {
        names: &["vmrun"],
        options: &[next("-gp", Whole), next("-vp", Whole)],
        #[cfg(test)]
        examples: &[("vmrun -gu a -gp s3cr8 start x", "s3cr8")],
        #[cfg(test)]
        innocent: &["vmrun list"],
        ..NONE
    },
    Program {
        names: &["ssserver", "sslocal", "ss-server", "ss-local", "ss-redir", "ss-tunnel", "ss-manager"],
        options: &[both("-k", Whole)],
        #[cfg(test)]
        examples: &[("ss-local -s h -p 443 -k s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["ss-local -c /etc/ss.json"],
        ..NONE
    },
    Program {
        names: &["frpc", "frps"],
        options: &[next("-t", Whole)],
        #[cfg(test)]
        examples: &[("frpc tcp -t s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["frpc -c /etc/frpc.toml"],
        ..NONE
    },
    Program {
        names: &["openconnect"],
        stdin: Stdin::With(&["--passwd-on-stdin"]),
        #[cfg(test)]
        examples: &[("echo s3cr8 | openconnect --passwd-on-stdin h", "s3cr8")],
        #[cfg(test)]
        innocent: &["openconnect h"],
        ..NONE
    },
    Program {
        names: &["cloudflared", "ngrok"],
        words: &["service install !", "config add-authtoken !", "authtoken !"],
        #[cfg(test)]
        examples: &[("cloudflared service install s3cr8", "s3cr8"), ("ngrok config add-authtoken s3cr8", "s3cr8")],
        #[cfg(test)]
        innocent: &["cloudflared tunnel list", "ngrok http 80"],
        ..NONE
    },
    Program {
        names: &["zfs"],
        stdin: Stdin::With(&["load-key", "change-key"]),
        #[cfg(test)]
        examples: &[("echo s3cr8s3cr8 | zfs load-key pool/a", "s3cr8s3cr8"), ("zfs load-key pool/a <<< s3cr8s3cr8", "s3cr8s3cr8")],
        #[cfg(test)]
        innocent: &["zfs list", "echo x | zfs receive a"],
        ..NONE
    },
];
