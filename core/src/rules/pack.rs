//! The rules that come with this crate, one file each.

use super::RuleText;

macro_rules! pack {
    ($($name:literal)*) => {
        /// File names and texts.
        pub(super) fn texts() -> Vec<RuleText<'static>> {
            vec![$(RuleText {
                file: concat!($name, ".yaml"),
                text: include_str!(concat!("pack/", $name, ".yaml")),
            }),*]
        }
    };
}

pack! {
    "anonymous_request_allowed"
    "aws_auth_changed"
    "binding_to_everyone"
    "capability_all_added"
    "client_certificate_requested"
    "cluster_admin_binding_created"
    "coredns_changed"
    "dangerous_capability_added"
    "events_wiped"
    "exec_reads_serviceaccount_token"
    "impersonates_privileged_identity"
    "kubelet_run_by_proxy"
    "persistent_volume_of_host"
    "pod_exec"
    "pod_exec_done"
    "privileged_ephemeral_container"
    "privileged_pod_created"
    "privileged_workload_template"
    "role_grants_escalate_or_bind"
    "role_rule_grants_write_on_sensitive_resource"
    "role_with_wildcard_verbs_or_resources"
    "secrets_listed_cluster_wide"
    "secrets_watched_cluster_wide"
    "sensitive_hostpath_volume"
    "serviceaccount_identity_from_certificate"
    "serviceaccount_token_minted_by_user"
    "system_principal_from_public_address"
    "token_minted_for_long"
    "webhook_to_outside"
}
