package operator

import (
	"context"
	"time"

	"relance/internal/campaign"
	"relance/internal/pace"
	"relance/internal/store"
)

// spread says of each edit by which mails become due at once over how long they leave: nobody
// bursts, they stand in the line. Of a campaign whose senders have no pace nothing is said.
func spread(ctx context.Context, db *store.Store, done store.Applied) error {
	items := done.Items
	for i := range items {
		for j := range items[i].Reach {
			reach := &items[i].Reach[j]
			if reach.DueAtOnce == 0 {
				continue
			}
			view, read := done.Lines[items[i].Key] // of a dry run, as the file would leave them
			if !read {
				var err error
				if view, err = db.LineView(ctx, store.LineQuery{Campaign: items[i].Key}); err != nil {
					return err
				}
			}
			over, err := spreadOver(view, items[i].Key, reach.DueAtOnce)
			if err != nil {
				return err
			}
			reach.SpreadSeconds = int(over / time.Second)
		}
	}
	return nil
}

// spreadOver walks the line of a campaign with so many follow-ups more, and says when the last
// of them leaves at the latest; zero when nothing limits them, or when that is too far away to say.
func spreadOver(view store.LineView, key string, count int) (time.Duration, error) {
	if len(view.Senders) == 0 {
		return 0, nil
	}
	line, err := lineUpOf(view)
	if err != nil {
		return 0, err
	}
	of := line.campaign(key)
	sender, pool := line.sender(of.Sender), 0
	if len(of.Senders) > 0 {
		sender, pool = pace.Unbound, line.pool[key]
	}
	if of.Paused || line.free(of) && of.Window.AlwaysOpen(view.Calendar) || sender < 0 && sender != pace.Unbound {
		return 0, nil
	}
	window, number, err := line.inZone(of, "")
	if err != nil {
		return 0, err
	}
	last := len(line.line.Waiting)
	line.line.Waiting = append(line.line.Waiting, pace.Waiting{
		Sender: sender, Pool: pool, Window: window, Campaign: number, Step: 1, Band: int(campaign.FollowUps), Count: count, Due: line.Now,
	})
	_, latest := pace.Range(line.Now, line.line, line.senders...)
	if latest.Left[last] == count {
		return latest.Done[last].Sub(line.Now), nil
	}
	return 0, nil
}
