package cli

import "context"

// wake has the outbox drained now. What the command has asked for is
// committed before, so a Temporal that does not answer only delays it: the
// schedule drains the outbox within a minute of Temporal's return. That is
// said on Stderr and is no failure of the command. The error is not nil only
// when the command was interrupted.
func (s *session) wake(ctx context.Context) error {
	s.interrupted = "what was asked for is saved and is carried out in the background (starter background)"
	temporal, err := s.Temporal(ctx)
	if err == nil {
		err = temporal.TriggerWake(ctx)
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		s.warnf("saved; it will be carried out within a minute of Temporal's return (%v)", err)
	}
	return nil
}
