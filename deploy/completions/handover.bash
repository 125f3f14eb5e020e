# Completions of handover for bash. Made by deploy/completions/make.py from `handover --help`; not written by hand.
_handover() {
  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=
  local settings="bootstrap definitions definition_name trust draft inputs stage_changes dead_letters state journal journal_inputs definitions_topic undelivered group instance state_dir threads commit_interval_ms snapshot_records snapshot_interval_ms clock_grace_ms event_bytes_max buffers_mb http http_public sasl.password_file ssl.key.password_file insecure kafka alerts alert_group alert_state alert_start alert_pending alert_http"
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    words="demo run replay audit explain backtest init check keygen approve verify publish describe diff test calendar report top tap letters alert topics generate bench --help --version"
  else
    case "${COMP_WORDS[1]} $before" in
    "run --settings" | "run --definition") return ;;
    "run --set") words=$settings ;;
    "run -X") compopt +o default 2>/dev/null; return ;;
    "run --log-level") words="error warning info debug" ;;
    "replay --definition" | "replay --trust" | "replay --journal" | "replay --dead-letters") return ;;
    "replay --topic" | "replay --partition" | "replay --until" | "replay --max-event-bytes") compopt +o default 2>/dev/null; return ;;
    "replay --envelope") words="none kcat" ;;
    "audit --settings" | "audit --definition" | "audit --trust" | "audit --bundle") return ;;
    "audit --set") words=$settings ;;
    "audit -X" | "audit --from" | "audit --to" | "audit --lead" | "audit --threads") compopt +o default 2>/dev/null; return ;;
    "explain --at" | "explain -X" | "explain --topic" | "explain --partition" | "explain --until" | "explain --max-event-bytes") compopt +o default 2>/dev/null; return ;;
    "explain --settings" | "explain --definition" | "explain --trust") return ;;
    "explain --set") words=$settings ;;
    "explain --envelope") words="none kcat" ;;
    "backtest --settings" | "backtest --leads") return ;;
    "backtest --set") words=$settings ;;
    "backtest -X" | "backtest --handover" | "backtest --won" | "backtest --rejected" | "backtest --capacity" | "backtest --sweep" | "backtest --fail-if" | "backtest --topic" | "backtest --partition" | "backtest --until" | "backtest --max-event-bytes") compopt +o default 2>/dev/null; return ;;
    "backtest --envelope") words="none kcat" ;;
    "init --company" | "init --zone" | "init --hours" | "init --sales" | "init --page" | "init --download" | "init --webinar" | "init --trial" | "init --demo" | "init --unsubscribed" | "init --accepted" | "init --rejected" | "init --opportunity" | "init --won" | "init --lost" | "init --size" | "init --industries" | "init --countries" | "init --threshold" | "init --sla" | "init --effective-from") compopt +o default 2>/dev/null; return ;;
    "init --bant") words="yes no" ;;
    "check --against") return ;;
    "check --output") words="text json github junit" ;;
    "keygen --passphrase-file") return ;;
    "approve --key" | "approve --against" | "approve --passphrase-file") return ;;
    "approve --team" | "approve --by" | "approve --at") compopt +o default 2>/dev/null; return ;;
    "verify --trust") return ;;
    "publish --settings") return ;;
    "publish --set") words=$settings ;;
    "publish -X") compopt +o default 2>/dev/null; return ;;
    "describe --trust") return ;;
    "test --definition") return ;;
    "test --run" | "test --threshold") compopt +o default 2>/dev/null; return ;;
    "test --output") words="text json tap junit github" ;;
    "report --from" | "report --to" | "report --by" | "report --amount" | "report -X") compopt +o default 2>/dev/null; return ;;
    "report --definition" | "report --dead-letters" | "report --settings" | "report --csv" | "report --sqlite") return ;;
    "report --envelope") words="none kcat" ;;
    "report --set") words=$settings ;;
    "top --settings") return ;;
    "top --set") words=$settings ;;
    "top -X" | "top --url" | "top --from") compopt +o default 2>/dev/null; return ;;
    "tap --settings") return ;;
    "tap --set") words=$settings ;;
    "tap -X" | "tap --from" | "tap --lead" | "tap --from-stage" | "tap --to-stage" | "tap --owner" | "tap --queue" | "tap --member" | "tap --attribute") compopt +o default 2>/dev/null; return ;;
    "tap --type") words="changes breaches" ;;
    "letters --settings") return ;;
    "letters --set") words=$settings ;;
    "letters -X" | "letters --reason" | "letters --topic" | "letters --from" | "letters --to" | "letters --limit") compopt +o default 2>/dev/null; return ;;
    "alert --settings") return ;;
    "alert --set") words=$settings ;;
    "alert -X" | "alert --receiver" | "alert --id" | "alert --since") compopt +o default 2>/dev/null; return ;;
    "alert --log-level") words="error warning info debug" ;;
    "topics --settings") return ;;
    "topics --set") words=$settings ;;
    "topics -X" | "topics --partitions" | "topics --replication") compopt +o default 2>/dev/null; return ;;
    "generate --events" | "generate --leads" | "generate --days" | "generate --seed" | "generate --rate" | "generate -X") compopt +o default 2>/dev/null; return ;;
    "generate --settings") return ;;
    "generate --set") words=$settings ;;
    "bench --events" | "bench --leads" | "bench --days" | "bench --seed" | "bench --repeat" | "bench -X" | "bench --partitions" | "bench --topic" | "bench --rate" | "bench --seconds") compopt +o default 2>/dev/null; return ;;
    "bench --definition" | "bench --settings") return ;;
    "bench --set") words=$settings ;;
    *)
      case "${COMP_WORDS[1]}" in
      demo) words="--json --events --help" ;;
      run) words="--settings --set -X --definition --draft --log-level --check --help" ;;
      replay) words="--definition --trust --topic --partition --journal --envelope --dead-letters --until --max-event-bytes --summary --help" ;;
      audit) words="--settings --set -X --definition --trust --bundle --force --from --to --lead --threads --json --help" ;;
      explain) words="--at --json --settings --set -X --html --definition --trust --topic --partition --envelope --until --max-event-bytes --help" ;;
      backtest) words="--settings --set -X --handover --won --rejected --capacity --sweep --fail-if --leads --json --html --topic --partition --envelope --until --max-event-bytes --help" ;;
      init) words="--company --zone --hours --sales --page --download --webinar --trial --demo --unsubscribed --accepted --rejected --opportunity --won --lost --size --industries --countries --threshold --sla --bant --effective-from --yes --force --help" ;;
      check) words="--strict --against --output --json --help" ;;
      keygen) words="--passphrase --passphrase-file --help" ;;
      approve) words="--key --team --by --at --against --yes --passphrase-file --help" ;;
      verify) words="--trust --json --help" ;;
      publish) words="--settings --set -X --draft --dry-run --json --help" ;;
      describe) words="--html --trust --help" ;;
      diff) words="--json --help" ;;
      test) words="--definition --run --output --coverage --threshold --update --help" ;;
      calendar) words="--help" ;;
      report) words="--from --to --by --amount --definition --dead-letters --envelope --settings --set -X --json --html --csv --sqlite --force --help" ;;
      top) words="--settings --set -X --url --from --once --help" ;;
      tap) words="--settings --set -X --from --once --lead --type --from-stage --to-stage --owner --queue --member --attribute --json --help" ;;
      letters) words="--settings --set -X --reason --topic --from --to --open --limit --summary --raw --dry-run --yes --json --help" ;;
      alert) words="--settings --set -X --once --receiver --id --since --dry-run --log-level --help" ;;
      topics) words="--settings --set -X --create --partitions --replication --json --help" ;;
      generate) words="--events --leads --days --seed --zipf --uniform --rate --settings --set -X --help" ;;
      bench) words="--events --leads --days --seed --zipf --uniform --definition --repeat --json --settings --set -X --partitions --topic --rate --seconds --keep --help" ;;
      esac
      ;;
    esac
    if [[ $words == -* && $current != -* ]]; then
      words=
      if ((COMP_CWORD == 2)); then
        case "${COMP_WORDS[1]}" in
        report) words="option" ;;
        letters) words="list show redrive" ;;
        alert) words="test redeliver enable template" ;;
        generate) words="option" ;;
        esac
      fi
    fi
  fi
  [[ -z $words ]] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _handover handover
