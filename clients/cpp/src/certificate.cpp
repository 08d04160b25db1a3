#include "clients/cpp/src/certificate.hpp"

#include "actors/registry/errors.hpp"

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zmq.h>

namespace actors::registry {

namespace {

constexpr std::size_t longest_file = 64UL * 1024;

std::string_view without(std::string_view text, std::string_view characters) {
  const std::size_t begin = text.find_first_not_of(characters);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(characters) - begin + 1);
}

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw UnusableKeyError(path + ": " + why);
}

class Descriptor {
public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return number_; }

private:
  int number_;
};

/// Whether systemd made it for this service alone (systemd.exec(5), LoadCredential=): nobody else comes into
/// the folder. That a group may read the file is then the mask of an ACL which names the service's user.
bool is_credential(const std::string& path) {
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY"); // NOLINT(concurrency-mt-unsafe)
  return folder && *folder && path.substr(0, path.rfind('/')) == folder;
}

void check_kind(const std::string& path, int file, Readers readers) {
  struct stat status {};
  if (fstat(file, &status) != 0) fail(path, std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
  if (!S_ISREG(status.st_mode)) fail(path, "no file");
  const mode_t others = is_credential(path) ? 037 : 077;
  if (readers == Readers::owner && (status.st_mode & others) != 0)
    fail(path, "holds a secret key, and others than its owner may use it; chmod 600 " + path);
}

std::string read_all(const std::string& path, int file) {
  std::string text(longest_file + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t got = read(file, text.data() + length, text.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > longest_file) fail(path, "too long for a certificate");
  text.resize(length);
  return text;
}

} // namespace

CurveKey::~CurveKey() {
  explicit_bzero(bytes_.data(), bytes_.size());
}

std::optional<CurveKey> CurveKey::parse(std::string_view text) {
  if (text.size() != text_size || text.find('\0') != std::string_view::npos) return std::nullopt;
  std::string terminated(text);
  CurveKey key;
  const bool good = zmq_z85_decode(key.bytes_.data(), terminated.c_str()) != nullptr;
  wipe(terminated);
  if (!good) return std::nullopt;
  return key;
}

Certificate parse_certificate(std::string_view text) {
  Certificate certificate;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = without(text.substr(0, end), " \t\r");
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (line.starts_with('#') || equals == std::string_view::npos) continue;
    const std::string_view name = without(line.substr(0, equals), " \t");
    const std::string_view value = without(line.substr(equals + 1), " \t\"'");
    if (name == "public-key") certificate.public_key = CurveKey::parse(value);
    if (name == "secret-key") certificate.secret_key = CurveKey::parse(value);
  }
  return certificate;
}

Certificate read_certificate(const std::string& path, Readers readers) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (file.get() < 0) fail(path, std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
  check_kind(path, file.get(), readers);
  std::string text = read_all(path, file.get());
  Certificate certificate = parse_certificate(text);
  wipe(text);
  return certificate;
}

void wipe(std::string& text) noexcept {
  explicit_bzero(text.data(), text.size());
}

} // namespace actors::registry
