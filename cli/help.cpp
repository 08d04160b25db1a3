#include "cli/help.hpp"

#include <CLI/Formatter.hpp>

#include <array>
#include <memory>
#include <utility>

namespace cli {
namespace {

constexpr std::string_view left_out = "[=";

class HelpFormatter : public CLI::Formatter {
public:
  /// What follows an option's names; CLI11 has a blank before a value, where one would not be taken.
  std::string make_option_opts(const CLI::Option* option) const override {
    auto text = CLI::Formatter::make_option_opts(option);
    if (text.starts_with(" ") && std::string_view(text).substr(1).starts_with(left_out)) text.erase(0, 1);
    return text;
  }
};

/// The page of the manual, by the first word of a command.
std::string page_of(std::string_view command) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 24> pages{{
      {"status", "status"},   {"logs", "status"},         {"start", "start"},       {"stop", "start"},
      {"restart", "start"},   {"reload", "start"},        {"kill", "start"},        {"reset-failed", "start"},
      {"enable", "start"},    {"disable", "start"},       {"lookup", "lookup"},     {"actors", "lookup"},
      {"managers", "lookup"}, {"register", "lookup"},     {"unregister", "lookup"}, {"events", "lookup"},
      {"run", "run"},         {"supervise", "supervise"}, {"hosts", "hosts"},       {"doctor", "hosts"},
      {"deploy", "deploy"},   {"registry", "registry"},   {"config", "config"},     {"completion", "config"},
  }};
  for (const auto& [name, page] : pages)
    if (name == command) return "actorsctl-" + std::string(page);
  return "actorsctl";
}

void end_help(CLI::App& command, const std::string& page) {
  const auto own = command.get_footer();
  command.footer((own.empty() ? "" : own + "\n") +
                 "Options of every command: actorsctl --help. In full, with exit codes: man " + page);
  for (auto* deeper : command.get_subcommands({}))
    end_help(*deeper, page);
}

} // namespace

void use_own_help(CLI::App& program) {
  program.formatter(std::make_shared<HelpFormatter>());
}

void end_help_with_the_manual(CLI::App& program) {
  program.footer("In full, with exit codes: man actorsctl");
  for (auto* command : program.get_subcommands({}))
    end_help(*command, page_of(command->get_name()));
}

std::string may_be_left_out(std::string_view value) {
  return std::string(left_out) + std::string(value) + "]";
}

} // namespace cli
