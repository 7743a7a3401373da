/* SPDX-License-Identifier: Apache-2.0 */
/* What the policies of a connection promise (docs/wire.md), checked by spin against an attacker who
 * owns the network: what was ever sealed stays in his hands, to be delivered at any time, any number
 * of times, or never; he gives ticks and reboots modules as he likes. Keys are those of protocol.pml:
 * an instance is never given the same key twice, nor is a later instance.
 *
 *   all            nothing is delivered twice
 *   strict         an event is delivered only if each that was sent before it under this key was
 *                  delivered, too, or its author was told of a gap since
 *   acknowledged   who is told OK knows that this very event was delivered
 *   request        who is told OK got the answer to this very request
 *
 * Each FAULT_... removes one rule; proofs/protocol.sh shows that spin then finds an attack. */

#define KEYS    2 /* numbered from 1 */
#define NUMBERS 5 /* sequence numbers of a key, from 1 */
#define REPORTS 3
#define TICKS   2
#define EVENTS  6 /* of the author, from 1 */
#define RESYNC  7

#define SENT(k, n)   sent[(k) * (NUMBERS + 1) + n]
#define REPORT(k, m) report[(k) * (REPORTS + 1) + m]

#ifdef FAULT_ACCEPT_EQUAL /* a number is accepted when it is greater than all before */
#define IS_NEWER(n) (n >= r_last)
#else
#define IS_NEWER(n) (n > r_last)
#endif
#ifdef FAULT_STRICT_SKIPS /* strict: only the next one, or what says that the sender knows */
#define IS_NEXT(n) true
#else
#define IS_NEXT(n) (policy != strict || n == r_last + 1 || SENT(r_key, n) == RESYNC)
#endif
#ifdef FAULT_ANY_REPORT /* a report names the event, an answer the request */
#define IS_OF_OPEN(n) true
#else
#define IS_OF_OPEN(n) (n == open)
#endif
#ifdef FAULT_OLD_REPORT_KEY /* the back channel gets its new key with the forward one */
#define BACK_KEY(k) 1
#else
#define BACK_KEY(k) (k)
#endif
#ifdef FAULT_SAME_KEY /* who was reset gets no key that he had */
#define MAY_HAVE(k) true
#else
#define MAY_HAVE(k) (k > r_had)
#endif

mtype = { strict, acknowledged, request };
mtype policy;

/* sender */
byte s_key, s_last;
byte open, open_event, ticks; /* number of what nobody has answered, 0 = none */
byte heard;                   /* number of the last report */
byte next_event;

/* receiver */
byte r_key, r_had, r_last, reported;

/* what was sealed: the attacker's store */
byte sent[(KEYS + 1) * (NUMBERS + 1)];   /* event, RESYNC, 0 = none */
byte report[(KEYS + 1) * (REPORTS + 1)]; /* number + 1, 0 = none */

/* what happened, for the properties only */
bool delivered[EVENTS + 1], excused[EVENTS + 1];
hidden byte i;

inline key_for_sender(k)
{
    atomic {
        k > s_key ->
        s_key = k
        s_last = 0
        heard = 0
        open = 0 /* its author is told UNKNOWN */
    }
}

inline key_for_receiver(k)
{
    atomic {
        k > r_key && MAY_HAVE(k) ->
        r_key = k
        r_had = k
        r_last = 0
        reported = 0
    }
}

inline reset_receiver()
{
    atomic {
        r_key ->
        r_key = 0
        r_last = 0
        reported = 0
    }
}

inline seal(what)
{
    s_last++
    SENT(s_key, s_last) = what
}

inline send()
{
    atomic {
        s_key && s_last < NUMBERS && next_event <= EVENTS && (policy == strict || !open) ->
        seal(next_event)
        if
        :: policy == strict
        :: else -> open = s_last; open_event = next_event; ticks = TICKS
        fi
        next_event++
    }
}

/* The frame itself is offered again: it is in the attacker's store already. */
inline tick()
{
    atomic {
        open ->
        ticks--
#ifdef FAULT_NEW_SEAL /* what is offered again has its old number */
        if
        :: s_last < NUMBERS && policy == acknowledged -> seal(open_event); open = s_last
        :: else
        fi
#endif
        if
        :: ticks == 0 -> open = 0 /* UNKNOWN or TIMEOUT */
        :: else
        fi
    }
}

inline say(n)
{
    if
    :: reported < REPORTS -> reported++; REPORT(BACK_KEY(r_key), reported) = n + 1
    :: else
    fi
}

inline check_before(n)
{
    i = 1
    do
    :: i < n && SENT(r_key, i) != RESYNC ->
        assert(delivered[SENT(r_key, i)] || excused[SENT(r_key, i)]) /* no gap that nobody knows of */
        i++
    :: i < n && SENT(r_key, i) == RESYNC -> i++
    :: i >= n -> break
    od
}

inline deliver(n)
{
    atomic {
        r_key && SENT(r_key, n) && IS_NEWER(n) && IS_NEXT(n) ->
        if
        :: SENT(r_key, n) == RESYNC
        :: else ->
            assert(!delivered[SENT(r_key, n)]) /* once */
            if
            :: policy == strict -> check_before(n)
            :: else -> say(n)
            fi
            delivered[SENT(r_key, n)] = true
        fi
        r_last = n
    }
}

/* Too early or too late: the receiver says what it had last. */
inline refuse(n)
{
    atomic {
        r_key && SENT(r_key, n) && ((policy == acknowledged && n <= r_last) || (policy == strict && n > r_last + 1 && SENT(r_key, n) != RESYNC)) ->
        say(r_last)
    }
}

inline excuse_all()
{
    i = 1
    do
    :: i < next_event -> excused[i] = true; i++
    :: else -> break
    od
}

inline hear_of(n)
{
    if
    :: policy == strict && n != s_last && s_last < NUMBERS ->
#ifndef FAULT_SILENT_RESYNC /* the author is told before the receiver goes on */
        excuse_all()
#endif
        seal(RESYNC)
    :: policy != strict && open && IS_OF_OPEN(n) ->
        assert(delivered[open_event]) /* OK: of this very event */
        open = 0
    :: else
    fi
}

inline hear(m)
{
    atomic {
        s_key && REPORT(BACK_KEY(s_key), m) && m > heard ->
        heard = m
        hear_of(REPORT(BACK_KEY(s_key), m) - 1)
    }
}

/* An event of the sender's, marked as RESYNC on its way. */
inline mark(n)
{
    atomic {
        policy == strict && r_key && SENT(r_key, n) && n > r_last ->
        r_last = n
    }
}

init {
    next_event = 1
    if
    :: policy = acknowledged
    :: policy = request
    :: policy = strict
    fi
    do
    :: key_for_sender(1) :: key_for_sender(2)
    :: key_for_receiver(1) :: key_for_receiver(2)
    :: reset_receiver()
    :: send() :: tick()
    :: deliver(1) :: deliver(2) :: deliver(3) :: deliver(4) :: deliver(5)
    :: refuse(1) :: refuse(2) :: refuse(3) :: refuse(4) :: refuse(5)
    :: hear(1) :: hear(2) :: hear(3)
#ifdef FAULT_FORGED_REPORT /* reports are authentic */
    :: atomic { s_key -> hear_of(1) }
#endif
#ifdef FAULT_FORGED_RESYNC /* so are the flags of an event */
    :: mark(1) :: mark(2)
#endif
    od
}
