// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openssl/types.h>

namespace flameway {

// Makes `to`, the context libcurl has just made for one connection, behave as `from`, which was
// loaded from our TLS options: trust, own certificate and key, versions, suites. One loader then
// serves both exporters, with PEM text, reload and the same error messages. `from` is only read and
// may be in use by other threads. False when OpenSSL runs out of memory or refuses a certificate
// that it took before.
[[nodiscard]] bool CopyTlsContext(SSL_CTX* from, SSL_CTX* to);

}  // namespace flameway
