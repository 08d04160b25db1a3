#include "registry_core/security/certificate.hpp"

#include <algorithm>

namespace registry_core {

namespace {

[[noreturn]] void fail(std::size_t line, const std::string& expected) {
  throw CertificateError(std::to_string(line) + ": " + expected);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const auto begin = text.find_first_not_of(blank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blank) - begin + 1);
}

/// `"VALUE"`, `'VALUE'` or VALUE.
std::string_view unquoted(std::string_view value, std::size_t line) {
  if (value.empty() || (value.front() != '"' && value.front() != '\'')) return value;
  if (value.size() < 2 || value.back() != value.front()) fail(line, "a quote that is not closed");
  return value.substr(1, value.size() - 2);
}

CurveKey key_of(std::string_view value, std::size_t line) {
  auto key = CurveKey::parse(value);
  if (!key) fail(line, "expected a key of 40 characters (Z85)");
  return *key;
}

class Reader {
public:
  void read(std::string_view line) {
    ++line_;
    const bool indented = !line.empty() && (line.front() == ' ' || line.front() == '\t');
    const auto text = trimmed(line);
    if (text.empty() || text.front() == '#') return;
    if (!indented) {
      section_ = text;
      return;
    }
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) fail(line_, "expected NAME = VALUE");
    take(trimmed(text.substr(0, equals)), unquoted(trimmed(text.substr(equals + 1)), line_));
  }

  Certificate finish() {
    if (!public_key_) fail(line_, "no public-key in a section curve");
    certificate_.public_key = *public_key_;
    if (certificate_.secret_key && certificate_.secret_key->public_key() != certificate_.public_key)
      fail(line_, "public-key and secret-key are no pair");
    return std::move(certificate_);
  }

private:
  void take(std::string_view name, std::string_view value) {
    if (section_ == "metadata") certificate_.metadata.emplace_back(name, value);
    if (section_ != "curve") return;
    if (name == "public-key") set(public_key_, value);
    if (name == "secret-key") set(certificate_.secret_key, value);
  }
  void set(std::optional<CurveKey>& key, std::string_view value) const {
    if (key) fail(line_, "a key that stands twice");
    key = key_of(value, line_);
  }

  std::size_t line_ = 0;
  std::string section_;
  std::optional<CurveKey> public_key_;
  Certificate certificate_;
};

} // namespace

Certificate parse_certificate(std::string_view text) {
  Reader reader;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    reader.read(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reader.finish();
}

std::string text_of(const Certificate& certificate) {
  constexpr std::size_t more_than_enough = 4096; // a text that grows would leave copies of the key behind
  std::string text;
  text.reserve(more_than_enough);
  text += certificate.secret_key
              ? "#   A CURVE key pair. Keep this file to yourself; give others the one without _secret.\n"
              : "#   A public CURVE key. Others may have it.\n";
  text += "metadata\n";
  for (const auto& [name, value] : certificate.metadata)
    text.append("    ").append(name).append(" = \"").append(value).append("\"\n");
  text += "curve\n    public-key = \"" + certificate.public_key.text() + "\"\n";
  if (certificate.secret_key) {
    auto secret = certificate.secret_key->text();
    text.append("    secret-key = \"").append(secret).append("\"\n");
    wipe(secret);
  }
  return text;
}

} // namespace registry_core
