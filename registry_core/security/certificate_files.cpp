#include "registry_core/last_error.hpp"
#include "registry_core/security/certificate.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

namespace registry_core {

namespace {

constexpr std::size_t largest_file = std::size_t{64} * 1024;

class File {
public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const noexcept { return descriptor_; }

private:
  int descriptor_;
};

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw CertificateError(path + ": " + why);
}

/// \param status what the file is, for whoever wants to know whose.
std::string read_file(const std::string& path, struct stat& status) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (file.get() < 0) fail(path, last_error());
  if (::fstat(file.get(), &status) != 0) fail(path, last_error());
  if (!S_ISREG(status.st_mode)) fail(path, "is no file");
  if (static_cast<std::size_t>(status.st_size) > largest_file) fail(path, "is too large for a certificate");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  const auto size = ::read(file.get(), text.data(), text.size());
  if (size < 0) fail(path, last_error());
  text.resize(static_cast<std::size_t>(size));
  return text;
}

/// Whether systemd made it for this service alone (systemd.exec(5), LoadCredential=): nobody else comes into
/// the folder. That a group may read the file is then the mask of an ACL which names the service's user.
bool is_credential(const std::string& path) {
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY"); // NOLINT(concurrency-mt-unsafe)
  return folder != nullptr && *folder != '\0' && path.substr(0, path.rfind('/')) == folder;
}

Certificate parsed(const std::string& path, std::string text) {
  try {
    auto certificate = parse_certificate(text);
    wipe(text);
    return certificate;
  } catch (const CertificateError& error) {
    wipe(text);
    throw CertificateError(path + ":" + error.what());
  }
}

void write_new(const std::string& path, std::string text, mode_t mode) {
  const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (file.get() < 0)
    fail(path, errno == EEXIST ? "is there already, and no key is overwritten" : last_error());
  const bool written = ::fchmod(file.get(), mode) == 0 &&
                       ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::fsync(file.get()) == 0;
  const auto why = last_error();
  wipe(text);
  if (written) return;
  ::unlink(path.c_str());
  fail(path, why);
}

} // namespace

Certificate read_secret_certificate(const std::string& path) {
  struct stat status {};
  auto certificate = parsed(path, read_file(path, status));
  const mode_t others = is_credential(path) ? 037 : 077;
  if ((status.st_mode & others) != 0)
    fail(path, "others than its owner may read or write it: chmod 600 " + path);
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    fail(path, "belongs neither to this user nor to root");
  if (!certificate.secret_key) fail(path, "has no secret-key; that is in the file ending in .key_secret");
  return certificate;
}

CurveKey read_public_key(const std::string& path) {
  struct stat status {};
  return parsed(path, read_file(path, status)).public_key;
}

CurveKey make_key_files(const std::string& path, const std::string& name, const std::string& created) {
  Certificate certificate;
  certificate.metadata = {{"name", name}, {"created", created}};
  certificate.secret_key = CurveKey::make_secret();
  certificate.public_key = certificate.secret_key->public_key();
  Certificate shown = certificate;
  shown.secret_key.reset();
  const std::string secret_path = path + ".key_secret";
  constexpr mode_t owner_alone = 0600;
  constexpr mode_t all_may_read = 0644;
  write_new(secret_path, text_of(certificate), owner_alone);
  try {
    write_new(path + ".key", text_of(shown), all_may_read);
  } catch (...) {
    ::unlink(secret_path.c_str());
    throw;
  }
  return certificate.public_key;
}

} // namespace registry_core
