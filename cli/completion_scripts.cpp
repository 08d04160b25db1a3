#include "cli/completion_scripts.hpp"

namespace cli {
namespace {

// bash takes : and = for the ends of words, so the words are cut from the line again, and what stands before
// the last of those is left out of what is offered.
constexpr const char* bash = R"(# bash completion for actorsctl: put it into /etc/bash_completion.d/ or
#   source <(actorsctl completion bash)
_actorsctl() {
  local line=${COMP_LINE:0:COMP_POINT} word about cut
  local -a words
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local typed=${words[-1]}
  cut=${typed%"${typed##*[:=]}"}
  COMPREPLY=()
  while IFS=$'\t' read -r word about; do
    case $word in
      :files) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${typed#"$cut"}") ;;
      :folders) mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "${typed#"$cut"}") ;;
      *) COMPREPLY+=("${word#"$cut"}") ;;
    esac
  done < <("${words[0]}" complete -- "${words[@]:1}" 2>/dev/null)
}
complete -F _actorsctl actorsctl
)";

constexpr const char* zsh = R"(#compdef actorsctl
# zsh completion for actorsctl: put it as _actorsctl into a folder of $fpath, or
#   source <(actorsctl completion zsh)
_actorsctl() {
  local word about
  local -a offered
  while IFS=$'\t' read -r word about; do
    case $word in
      :files) _files ;;
      :folders) _files -/ ;;
      *) offered+=("${word//:/\\:}:$about") ;;
    esac
  done < <("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
  (( ${#offered} )) && _describe actorsctl offered
}
if [[ $funcstack[1] == _actorsctl ]]; then _actorsctl "$@"; else compdef _actorsctl actorsctl; fi
)";

constexpr const char* fish =
    R"(# fish completion for actorsctl: put it into ~/.config/fish/completions/actorsctl.fish, or
#   actorsctl completion fish | source
function __actorsctl_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path (commandline -ct)
            case ':folders'
                __fish_complete_directories (commandline -ct)
            case '*'
                printf '%s\n' $line
        end
    end
end
complete -c actorsctl -f -a '(__actorsctl_complete)'
)";

} // namespace

std::string completion_script(const std::string& shell) {
  if (shell == "zsh") return zsh;
  if (shell == "fish") return fish;
  return bash;
}

} // namespace cli
