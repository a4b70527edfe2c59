package main

import (
	"context"
	"fmt"
	"time"
)

// watch looks at law 2 while everything goes on, and prints how far it is.
func (l *lab) watch(ctx context.Context) {
	for second := 0; pause(ctx, time.Second); second++ {
		var enrolled, known, undescribed, sent, inError, ended int
		err := l.db.QueryRow(ctx, `
			SELECT count(*), count(*) FILTER (WHERE status IN ('Active', 'Waiting', 'InError', 'Paused', 'Completed', 'Disenrolled')),
			       count(*) FILTER (WHERE status = 'InError' AND (code IS NULL OR park_seq IS NULL)),
			       (SELECT count(*) FROM deliveries WHERE state = 'sent'),
			       count(*) FILTER (WHERE status = 'InError'), count(*) FILTER (WHERE ended_at IS NOT NULL)
			  FROM enrollments`).Scan(&enrolled, &known, &undescribed, &sent, &inError, &ended)
		if err != nil {
			continue // PostgreSQL is away
		}
		l.mu.Lock()
		l.looks++
		if known != enrolled || undescribed > 0 {
			l.odd = append(l.odd, breach{Law: 2, What: fmt.Sprintf("%d enrolled, %d in a known state, %d in error without a reason", enrolled, known, undescribed)})
		}
		l.mu.Unlock()
		if second%5 == 4 {
			l.say("        %d enrolled, %d sent, %d in error, %d through", enrolled, sent, inError, ended)
		}
	}
}
