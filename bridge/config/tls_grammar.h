// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bridge/config/section.h"
#include "bridge/tls/tls_options.h"

namespace flameway {

// The Collector's configtls blocks. See docs/configuration.md, TLS.
void DescribeTlsServer(Section& section, TlsServerOptions& tls);
void DescribeTlsClient(Section& section, TlsClientOptions& tls);

}  // namespace flameway
