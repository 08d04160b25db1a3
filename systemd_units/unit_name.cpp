#include "systemd_units/unit_name.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace systemd_units {
namespace {

constexpr std::size_t longest_name = 255;
constexpr std::array<std::string_view, 11> unit_types{
    "service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice", "scope"};

bool may_stand_in_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("@:-_.\\").find(c) != std::string_view::npos;
}

[[noreturn]] void refuse_unit_name(const std::string& why) {
  throw std::invalid_argument("not a service's unit name: " + why);
}

std::string described(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (c == ' ') return "a space";
  return byte > 0x20 && byte < 0x7f ? std::string("a '") + c + "'" : "a byte " + std::to_string(byte);
}

/// The unit's type, or nothing where no suffix stands.
std::string_view type_of(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return {};
  const auto* const type = std::find(unit_types.begin(), unit_types.end(), name.substr(dot + 1));
  return type == unit_types.end() ? std::string_view() : *type;
}

} // namespace

std::string service_unit_name(std::string_view text) {
  if (text.empty()) refuse_unit_name("it is empty");
  const auto bad = std::find_if_not(text.begin(), text.end(), may_stand_in_name);
  if (bad != text.end()) {
    refuse_unit_name("it has " + described(*bad) + ", allowed are letters, digits and any of : - _ . \\ @");
  }
  // systemd allows this one, but `systemctl start NAME` would read it as an option.
  if (text.front() == '-') refuse_unit_name("it begins with '-'");
  const auto type = type_of(text);
  if (!type.empty() && type != "service") refuse_unit_name("it is that of a " + std::string(type) + " unit");
  auto name = std::string(text) + (type.empty() ? ".service" : "");
  if (name.size() > longest_name)
    refuse_unit_name("it has more than " + std::to_string(longest_name) + " bytes");
  const auto prefix = std::string_view(name).substr(0, name.size() - std::string_view(".service").size());
  const auto at = prefix.find('@');
  if (prefix.empty() || at == 0) refuse_unit_name("nothing stands before '" + name + "'");
  if (at == prefix.size() - 1)
    refuse_unit_name("it is a template's without its instance, expected '" + std::string(prefix) +
                     "INSTANCE.service'");
  return name;
}

} // namespace systemd_units
