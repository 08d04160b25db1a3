#include "systemd_units/bus_reply.hpp"

#include "systemd_units/properties.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace systemd_units {
namespace {

template<class T>
T read_basic(sd_bus_message* message, char type) {
  T value{};
  checked(sd_bus_message_read_basic(message, type, &value), "a property from systemd");
  return value;
}

std::string read_string(sd_bus_message* message) {
  const auto* const text = read_basic<const char*>(message, SD_BUS_TYPE_STRING);
  return text != nullptr ? text : "";
}

/// An id of 128 bits as hex, nothing where there is none.
std::string read_bytes(sd_bus_message* message) {
  const void* data = nullptr;
  std::size_t size = 0;
  checked(sd_bus_message_read_array(message, SD_BUS_TYPE_BYTE, &data, &size), "a property from systemd");
  constexpr std::string_view hex = "0123456789abcdef";
  std::string text;
  for (const auto byte : std::span(static_cast<const unsigned char*>(data), size))
    text += {hex[byte >> 4U], hex[byte & 15U]};
  return text;
}

/// A job: its number, and its object's path, which says no more.
std::string read_job(sd_bus_message* message) {
  std::uint32_t id = 0;
  const char* path = nullptr;
  checked(sd_bus_message_read(message, "(uo)", &id, &path), "a property from systemd");
  return id == 0 ? "" : std::to_string(id);
}

/// A load error: the error's name and its message.
std::string read_error(sd_bus_message* message) {
  const char* name = nullptr;
  const char* text = nullptr;
  checked(sd_bus_message_read(message, "(ss)", &name, &text), "a property from systemd");
  return *text == '\0' ? "" : std::string(name) + " \"" + text + "\"";
}

std::string read_time(sd_bus_message* message, std::string_view property) {
  const auto value = read_basic<std::uint64_t>(message, SD_BUS_TYPE_UINT64);
  if (!property.ends_with("USec")) return std::to_string(value);
  return value == std::numeric_limits<std::uint64_t>::max() ? "infinity" : std::to_string(value) + "us";
}

/// A variant's value as `systemctl show` would print it (a time span's unit apart), so that both ways of
/// reading a unit have one meaning. Nullopt, and nothing read, for a kind that no property of ours has.
std::optional<std::string> read_value(sd_bus_message* message, std::string_view property, const char* kind) {
  const std::string_view type = kind;
  if (type == "s") return read_string(message);
  if (type == "u") return std::to_string(read_basic<std::uint32_t>(message, SD_BUS_TYPE_UINT32));
  if (type == "i") return std::to_string(read_basic<std::int32_t>(message, SD_BUS_TYPE_INT32));
  if (type == "b") return read_basic<int>(message, SD_BUS_TYPE_BOOLEAN) != 0 ? "yes" : "no";
  if (type == "t") return read_time(message, property);
  if (type == "ay") return read_bytes(message);
  if (type == "(uo)") return read_job(message);
  if (type == "(ss)") return read_error(message);
  return std::nullopt;
}

void read_property(sd_bus_message* message, UnitState& state) {
  const auto names = property_names();
  const auto name = read_string(message);
  const char* kind = nullptr;
  checked(sd_bus_message_peek_type(message, nullptr, &kind), "a property from systemd");
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    checked(sd_bus_message_skip(message, "v"), "a property from systemd");
    return;
  }
  checked(sd_bus_message_enter_container(message, SD_BUS_TYPE_VARIANT, kind), "a property from systemd");
  const auto value = read_value(message, name, kind);
  if (!value) throw BusError("systemd's property " + name + " is of an unexpected type");
  set_property(state, name, *value);
  checked(sd_bus_message_exit_container(message), "a property from systemd");
}

} // namespace

int checked(int result, const char* what) {
  if (result < 0) throw BusError(std::string(what) + ": " + std::strerror(-result));
  return result;
}

UnitState read_properties(sd_bus_message* message) {
  UnitState state;
  checked(sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "{sv}"), "a unit from systemd");
  while (checked(sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, "sv"),
                 "a unit from systemd") > 0) {
    read_property(message, state);
    checked(sd_bus_message_exit_container(message), "a unit from systemd");
  }
  return state;
}

const char* read_path(sd_bus_message* message) {
  return read_basic<const char*>(message, SD_BUS_TYPE_OBJECT_PATH);
}

} // namespace systemd_units
