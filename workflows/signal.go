package workflows

import (
	"context"

	"go.temporal.io/sdk/workflow"
)

// Signal is a signal's name with the type of its payload: the compiler checks that
// sender and listener agree.
type Signal[T any] struct{ Name string }

// None is the payload of a signal that says all by its name. It is sent as no payload.
type None struct{}

// Signaller is the part of a Temporal client that sends signals.
type Signaller interface {
	SignalWorkflow(ctx context.Context, workflowID, runID, signalName string, arg any) error
}

// Send signals the open run of a workflow, or the run that is named and no other; the error is Temporal's own.
func (s Signal[T]) Send(ctx context.Context, over Signaller, workflowID, runID string, payload T) error {
	var arg any = payload
	if arg == any(None{}) {
		arg = nil
	}
	return over.SignalWorkflow(ctx, workflowID, runID, s.Name, arg)
}

// Listen calls on for every signal of this name, in the order of their arrival, for as
// long as the run lives. A signal without a payload gives the zero value.
func (s Signal[T]) Listen(ctx workflow.Context, description string, on func(T)) {
	channel := workflow.GetSignalChannelWithOptions(ctx, s.Name, workflow.SignalChannelOptions{Description: description})
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var payload T
			if more := channel.Receive(ctx, &payload); !more {
				return
			}
			on(payload)
		}
	})
}

// Channel is the channel of the signal, for a workflow that only asks whether it came.
func (s Signal[T]) Channel(ctx workflow.Context) workflow.ReceiveChannel {
	return workflow.GetSignalChannel(ctx, s.Name)
}
