// The header from C++, with handles that free themselves.
#include <memory>
#include <string>

#include "check.h"

struct Free {
    void operator()(auditweir_policy *policy) const { auditweir_policy_free(policy); }
    void operator()(auditweir_filter *filter) const { auditweir_filter_free(filter); }
};

int main() {
    auditweir_policy *made = nullptr;
    CHECK(auditweir_policy_default(&made) == AUDITWEIR_STATUS_OK);
    std::unique_ptr<auditweir_policy, Free> policy(made);
    auditweir_filter *filter_made = nullptr;
    CHECK(auditweir_filter_new(policy.get(), AUDITWEIR_FORMAT_ECS, &filter_made)
          == AUDITWEIR_STATUS_OK);
    std::unique_ptr<auditweir_filter, Free> filter(filter_made);
    const std::string event = EVENT;
    const uint8_t *out = nullptr;
    size_t len = 0;
    CHECK(auditweir_filter_apply(filter.get(), bytes(event.data()), event.size(), &out, &len,
                                 nullptr)
          == AUDITWEIR_STATUS_OK);
    CHECK(has(out, len, "\"@timestamp\"") || has(out, len, "\"event\""));
    CHECK(!has(out, len, SECRET));
    puts("C++ is served");
    return 0;
}
