import { overview } from '../health/overview.ts';
import type { AgentView, MuteDesk } from './agent-view.ts';
import { refusal } from './api/problem.ts';
import type { JobDesk, JobPlace } from './job-desk.ts';
import type { LiveFeed } from './live-feed.ts';
import type { NoticeDesk, OpenNotice } from './notice-desk.ts';

/**
 * The same agent for somebody who may see only these customers. Whatever the view learns to show has to be decided
 * upon here, or it does not compile.
 */
export function narrowedView(view: AgentView, customers: readonly string[], now: () => number): AgentView {
  const isTheirs = ({ customer }: { readonly customer: string }): boolean => customers.includes(customer);
  const wanted = (asked: readonly string[] = customers): readonly string[] =>
    asked.filter((id) => customers.includes(id));
  const observed = () => view.observed().filter(isTheirs);
  const isRead = (source: string): boolean => observed().some((each) => each.source === source);
  const theirs = view.customers.filter(({ id }) => customers.includes(id));
  const routes = new Set(theirs.flatMap(({ destinations }) => destinations));
  return {
    agentId: view.agentId,
    version: view.version,
    customers: theirs,
    observed,
    overview: () => overview(observed(), now(), (id) => view.inQuarantine(id, customers)),
    inQuarantine: (id, asked) => view.inQuarantine(id, wanted(asked)),
    search: (query, signal) => view.search({ ...query, customers: wanted(query.customers) }, signal),
    changes: (query, signal) => view.changes({ ...query, customers: wanted(query.customers) }, signal),
    destinations: () => view.destinations().filter(({ id }) => routes.has(id)),
    members: (customer) => (isTheirs({ customer }) ? view.members(customer) : []),
    checkpoints: async (source) => (isRead(source) ? await view.checkpoints(source) : []),
    strip: (source) => (isRead(source) ? view.strip(source) : { from: now(), cells: [] }),
    series: (query) => view.series({ ...query, customers: wanted(query.customers) }),
    stacks: async (signal) => (await view.stacks(signal)).filter(isTheirs),
    configuration: () => {
      throw refusal('the configuration names every customer');
    },
    mutes: narrowedMutes(view.mutes, isTheirs),
    jobs: narrowedJobs(view.jobs, isTheirs),
    notices: narrowedNotices(view.notices, customers),
    live: narrowedFeed(view.live, isTheirs),
    tap: { listen: (wish, listener) => view.tap.listen({ ...wish, customers }, listener) },
    audit: {
      add: (entry) => view.audit.add(entry),
      last: async (limit) =>
        (await view.audit.last(limit)).filter(
          ({ customer }) => customer !== undefined && isTheirs({ customer }),
        ),
    },
    isAlive: () => view.isAlive(),
    isReady: () => view.isReady(),
    hasStarted: () => view.hasStarted(),
    metrics: async () => {
      throw refusal('the metrics are of every customer');
    },
  };
}

function narrowedMutes(mutes: MuteDesk, isTheirs: (of: { readonly customer: string }) => boolean): MuteDesk {
  const current = () => mutes.current().filter(isTheirs);
  return {
    current,
    async add(wish) {
      if (!isTheirs(wish)) throw refusal(`${wish.customer} is not one of your customers`);
      return await mutes.add(wish);
    },
    remove: async (id) => current().some((mute) => mute.id === id) && (await mutes.remove(id)),
  };
}

function narrowedJobs(jobs: JobDesk, isTheirs: (of: { readonly customer: string }) => boolean): JobDesk {
  const theirs = <Wish extends { readonly place: JobPlace }>(wish: Wish): Wish => {
    if (!isTheirs(wish.place)) throw refusal(`${wish.place.customer} is not one of your customers`);
    return wish;
  };
  return {
    list: () => jobs.list().filter(isTheirs),
    test: (wish, by) => jobs.test(theirs(wish), by),
    replay: (wish, by) => jobs.replay(theirs(wish), by),
  };
}

/** One that concerns others too would name them, and channels are of the whole agent. */
function narrowedNotices(notices: NoticeDesk, customers: readonly string[]): NoticeDesk {
  const isTheirs = (each: OpenNotice): boolean =>
    each.customers.length > 0 && each.customers.every((id) => customers.includes(id));
  // To acknowledge one ends its repetitions on all channels, and each channel may tell of others.
  const open = () =>
    Map.groupBy(notices.open(), ({ key }) => key)
      .values()
      .flatMap((same) => (same.every(isTheirs) ? same : []))
      .toArray();
  return {
    channels: () => [],
    open,
    acknowledge: (key) => (open().some((each) => each.key === key) ? notices.acknowledge(key) : 0),
  };
}

function narrowedFeed(live: LiveFeed, isTheirs: (of: { readonly customer: string }) => boolean): LiveFeed {
  return {
    get isHeard() {
      return live.isHeard;
    },
    tell: (event) => live.tell(event),
    listen: (listener) =>
      live.listen((event) => {
        if (isTheirs(event)) listener(event);
      }),
  };
}
