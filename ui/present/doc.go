// Package present says what each of the two screens shows: view models, made of
// words that are already in the reader's language, and of the facts a drawing
// needs. It draws nothing and knows no widget; that is the view's. It decides
// nothing either: thresholds, ages and grounds arrive as values.
//
// A view model is immutable once handed over. Two equal models look the same,
// so a view may compare the last one with the next and touch only what differs.
package present
