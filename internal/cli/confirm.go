package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
)

// confirm asks a person to confirm what this is about to do. Without a terminal
// it refuses, and instead says what to add to the call; look is the line that
// shows what would be done.
func (s *session) confirm(ctx context.Context, this, instead, look string) error {
	if !s.Asks {
		return hint(usagef("%s; %s", this, instead), look)
	}
	fmt.Fprintf(s.Stderr, "starter: %s. Go on? [y/N] ", this)
	answered := make(chan string, 1)
	go func() { // a read cannot be interrupted; after Ctrl-C nobody waits for it
		line, _ := bufio.NewReader(s.Stdin).ReadString('\n') // the end of the input is no yes
		answered <- line
	}()
	select {
	case <-ctx.Done():
		fmt.Fprintln(s.Stderr)
		return ctx.Err()
	case answer := <-answered:
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "y", "yes":
			return nil
		}
	}
	return errors.New("not confirmed; nothing was changed")
}
