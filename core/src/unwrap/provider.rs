//! The clouds and what each is called where.

/// One cloud. A format takes its own name for it from here.
pub(crate) struct Provider {
    /// As the cloud calls itself in lower case; ECS `cloud.provider`, OTel `cloud.provider`.
    pub(crate) code: &'static [u8],
    /// Its Kubernetes service; ECS `cloud.service.name`.
    pub(crate) platform: &'static [u8],
    /// As people write it.
    pub(crate) caption: &'static [u8],
    /// What its accounts are called, and the number of that in a schema that numbers them.
    pub(crate) account: (u8, &'static [u8]),
    /// OTel `cloud.platform`.
    pub(crate) otel_platform: &'static [u8],
}

pub(crate) static AWS: Provider = Provider {
    code: b"aws",
    platform: b"eks",
    caption: b"AWS",
    account: (10, b"AWS Account"),
    otel_platform: b"aws_eks",
};

pub(crate) static AZURE: Provider = Provider {
    code: b"azure",
    platform: b"aks",
    caption: b"Azure",
    account: (13, b"Azure Subscription"),
    otel_platform: b"azure.aks",
};

pub(crate) static GCP: Provider = Provider {
    code: b"gcp",
    platform: b"gke",
    caption: b"GCP",
    account: (11, b"GCP Project"),
    otel_platform: b"gcp_kubernetes_engine",
};

static PROVIDERS: [&Provider; 3] = [&AWS, &AZURE, &GCP];

impl Provider {
    /// The cloud that calls itself so.
    pub(crate) fn of_code(code: &[u8]) -> Option<&'static Self> {
        PROVIDERS.into_iter().find(|provider| provider.code == code)
    }

    /// The cloud with this Kubernetes service.
    pub(crate) fn of_platform(platform: &[u8]) -> Option<&'static Self> {
        PROVIDERS.into_iter().find(|provider| provider.platform == platform)
    }
}
