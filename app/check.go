package app

import (
	"context"
	"errors"
	"flag"
	"io"
	"net/mail"
	"os"

	"intakebot/app/selfcheck"
)

// runCheck is the self-check: a line for everything that an installation needs,
// with what to do about it. It changes nothing, also beside a running bot. Exit
// code 0 when the bot can work (warnings or not), 1 when it cannot, 2 when
// settings are wrong: what can be checked without them is checked all the same.
func runCheck(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	send := flags.String("send", "", "")
	err := flags.Parse(args)
	if _, bad := mail.ParseAddress(*send); err != nil || flags.NArg() > 0 || *send != "" && bad != nil {
		return UsageError("usage: intakebot check [--send ADDRESS]")
	}
	err = selfcheck.New(os.LookupEnv, *send).Report(ctx, out)
	if errors.Is(err, selfcheck.ErrSettings) {
		return UsageError(err.Error())
	}
	return err
}
