using System.Diagnostics;
using System.Runtime.CompilerServices;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Serving;

namespace SqueezeBert.Pipelines;

/// <summary>
/// Runs inputs through workers: one or many on the caller's thread, asynchronous ones through the model's queue, and streams in batches.
/// Thread-safe.
/// </summary>
internal sealed class Pipeline<TWorker, TInput, TResult>(PipelineModel model, Func<PipelineModel, TWorker> create) : IBatchRunner
    where TWorker : class, IPipelineWorker<TInput, TResult>
{
    /// <summary>The average number of characters per token, at least in English.</summary>
    private const int CharactersOfToken = 4;

    private readonly Stack<TWorker> _idle = new();

    public PipelineModel Model => model;

    /// <summary>Begins a call and returns an empty worker, which belongs to the call until it is returned.</summary>
    /// <exception cref="ObjectDisposedException">The pipeline or its model has been disposed.</exception>
    public TWorker Rent()
    {
        model.Enter();
        var worker = RentEntered();
        worker.Call = model.Telemetry.Begin();
        return worker;
    }

    /// <summary>Returns a worker and ends the call.</summary>
    public void Return(TWorker worker)
    {
        var hasSucceeded = worker.IsFinished && worker.Call.Error is null;
        if (hasSucceeded) CountTexts(worker);
        model.Telemetry.End(worker.Call, hasSucceeded);
        ReturnEntered(worker);
        model.Exit();
    }

    public TResult Run(TInput input, ReadingOptions? options, CancellationToken cancellationToken)
    {
        var reading = model.Of(options);
        var worker = Rent();
        try
        {
            worker.Add(input, reading, cancellationToken);
            worker.Finish(cancellationToken);
            return worker.Result(0);
        }
        catch (Exception e) when (HasFailed(worker, e))
        {
            throw;
        }
        finally
        {
            Return(worker);
        }
    }

    /// <summary>Returns the results of given inputs. Each result has the same bits as a call for that input alone.</summary>
    /// <exception cref="ArgumentException">An input is null. The message has its index.</exception>
    public IReadOnlyList<TResult> RunAll(
        IReadOnlyList<TInput> inputs, ReadingOptions? options, string parameter, CancellationToken cancellationToken)
    {
        for (var i = 0; i < inputs.Count; i++) Check(inputs[i], i, parameter);
        var reading = model.Of(options);
        var results = new List<TResult>(inputs.Count);
        var worker = Rent();
        try
        {
            for (var i = 0; i < inputs.Count; i++)
            {
                Add(worker, inputs[i], i, reading, parameter, cancellationToken);
                if (!worker.IsFull && i < inputs.Count - 1) continue;
                worker.Finish(cancellationToken);
                for (var item = 0; item < worker.Count; item++) results.Add(worker.Result(item));
                CountTexts(worker);
                worker.Clear();
            }

            worker.Finish(cancellationToken);
            return results;
        }
        catch (Exception e) when (HasFailed(worker, e))
        {
            throw;
        }
        finally
        {
            Return(worker);
        }
    }

    /// <summary>Returns the result of an input, which is computed through the queue.</summary>
    /// <exception cref="QueueFullException">There is no room, and the model's options say that calls do not wait.</exception>
    public Task<TResult> RunAsync(TInput input, ReadingOptions? options, CancellationToken cancellationToken)
    {
        var reading = model.Of(options);
        var call = model.Telemetry.BeginDetached();
        try
        {
            return Join(input, reading, mayWait: false, call, cancellationToken);
        }
        catch (Exception e)
        {
            model.Telemetry.End(call.Failed(e), hasSucceeded: false);
            throw;
        }
    }

    /// <summary>Returns the results of given inputs, which are computed through the queue, possibly in several batches.</summary>
    /// <inheritdoc cref="RunAll"/>
    public async Task<IReadOnlyList<TResult>> RunAllAsync(
        IReadOnlyList<TInput> inputs, ReadingOptions? options, string parameter, CancellationToken cancellationToken)
    {
        for (var i = 0; i < inputs.Count; i++) Check(inputs[i], i, parameter);
        var reading = model.Of(options);
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var tasks = new List<Task<TResult>>(inputs.Count);
        var call = model.Telemetry.Begin();
        var hasSucceeded = false;
        try
        {
            for (var i = 0; i < inputs.Count; i++) tasks.Add(Join(inputs[i], reading, mayWait: i > 0, default, others.Token));
            var results = await Task.WhenAll(tasks).ConfigureAwait(false);
            hasSucceeded = true;
            return results;
        }
        catch (Exception e)
        {
            call = call.Failed(e);
            // One failure is the call's: nobody will read the other results.
            await others.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(tasks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < tasks.Count; i++)
            {
                if (tasks[i].Exception?.InnerException is ArgumentException wrong) throw Named(wrong, i, parameter);
            }

            if (e is not OperationCanceledException) throw;
            var failed = tasks.FirstOrDefault(task => task.IsFaulted);
            if (failed is not null) await failed.ConfigureAwait(false);
            throw;
        }
        finally
        {
            model.Telemetry.End(call, hasSucceeded);
        }
    }

    /// <summary>Returns results in order. A batch is computed as soon as the token budget is used up.</summary>
    public IEnumerable<TResult> Stream(
        IEnumerable<TInput> inputs, ReadingOptions? options, string parameter, CancellationToken cancellationToken)
    {
        var reading = model.Of(options);
        return Stream(inputs, reading, parameter, cancellationToken);
    }

    /// <summary>
    /// Returns results in order. A batch is computed as soon as the token budget is used up, the source has no item ready, or the first
    /// text of the batch has waited for <paramref name="maxLatency"/>.
    /// </summary>
    public IAsyncEnumerable<TResult> StreamAsync(
        IAsyncEnumerable<TInput> inputs, ReadingOptions? options, TimeSpan? maxLatency, string parameter,
        CancellationToken cancellationToken)
    {
        if (maxLatency is { } latency) ArgumentOutOfRangeException.ThrowIfLessThan(latency, TimeSpan.Zero, nameof(maxLatency));
        var reading = model.Of(options);
        return StreamAsync(inputs, reading, maxLatency, parameter, cancellationToken);
    }

    void IBatchRunner.Run(WorkItem first, BatchRest others)
    {
        var items = new List<PipelineItem<TInput, TResult>>();
        try
        {
            RunTogether(first, others, items);
        }
        catch (Exception e)
        {
            // The others of a batch have done nothing wrong: each is tried by itself.
            if (items.Count == 0) items.Add((PipelineItem<TInput, TResult>)first);
            if (items.Count == 1) items[0].Fail(e);
            else items.ForEach(RunAlone);
        }
    }

    private void RunTogether(WorkItem first, BatchRest others, List<PipelineItem<TInput, TResult>> items)
    {
        var worker = RentEntered();
        try
        {
            worker.HasTurn = true;
            var started = Stopwatch.GetTimestamp();
            for (var next = first; next is not null; next = worker.IsFull ? null : others.TakeNext())
            {
                var item = (PipelineItem<TInput, TResult>)next;
                if (item.IsDone)
                {
                    item.End();
                    continue;
                }

                item.Waited = Stopwatch.GetElapsedTime(item.Started);
                if (Telemetry.QueueDuration.Enabled) model.Telemetry.Waited(item.Waited);
                items.Add(item);
                worker.Add(item.Input, item.Reading, item.CancellationToken);
            }

            var added = Stopwatch.GetTimestamp();
            worker.Finish(items.Count == 1 ? items[0].CancellationToken : CancellationToken.None);
            var (tokenization, computation) = (Stopwatch.GetElapsedTime(started, added), Stopwatch.GetElapsedTime(added));
            CountTexts(worker);
            if (Telemetry.SeesBatches && items.Count > 0) CountBatch(worker, tokenization, computation);
            for (var i = 0; i < items.Count; i++)
            {
                items[i].Times?.Add(items[i].Waited, tokenization, computation);
                items[i].Complete(worker.Result(i));
            }
        }
        finally
        {
            ReturnEntered(worker);
        }
    }

    private void RunAlone(PipelineItem<TInput, TResult> item)
    {
        if (item.IsDone)
        {
            item.End();
            return;
        }

        try
        {
            var worker = RentEntered();
            try
            {
                worker.HasTurn = true;
                var started = Stopwatch.GetTimestamp();
                worker.Add(item.Input, item.Reading, item.CancellationToken);
                var added = Stopwatch.GetTimestamp();
                worker.Finish(item.CancellationToken);
                CountTexts(worker);
                item.Times?.Add(item.Waited, Stopwatch.GetElapsedTime(started, added), Stopwatch.GetElapsedTime(added));
                item.Complete(worker.Result(0));
            }
            finally
            {
                ReturnEntered(worker);
            }
        }
        catch (Exception e)
        {
            item.Fail(e);
        }
    }

    private Task<TResult> Join(
        TInput input, in Reading reading, bool mayWait, in ObservedCall call, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            model.Telemetry.End(call.Cancelled(), hasSucceeded: false);
            return Task.FromCanceled<TResult>(cancellationToken);
        }

        model.Enter();
        var tokens = 2 + (Math.Min(TWorker.Characters(input), reading.MaxCharacters) / CharactersOfToken);
        var cost = (int)Math.Min(tokens, reading.IsWindowed ? int.MaxValue : reading.MaxLength);
        var item = new PipelineItem<TInput, TResult>(this, cost, input, reading, model.Model.Queue, model.Exit, cancellationToken)
        {
            Call = call,
            Telemetry = model.Telemetry,
        };
        item.Join(mayWait);
        return item.Result;
    }

    private IEnumerable<TResult> Stream(
        IEnumerable<TInput> inputs, Reading reading, string parameter, CancellationToken cancellationToken)
    {
        var worker = RentForStream();
        try
        {
            var index = 0L;
            foreach (var input in inputs)
            {
                Check(input, index, parameter);
                if (!AddToStream(worker, input, index++, reading, parameter, cancellationToken)) continue;
                for (var i = 0; i < worker.Count; i++) yield return worker.Result(i);
                worker.Clear();
            }

            Finish(worker, cancellationToken);
            for (var i = 0; i < worker.Count; i++) yield return worker.Result(i);
        }
        finally
        {
            ReturnEntered(worker);
        }
    }

    private async IAsyncEnumerable<TResult> StreamAsync(
        IAsyncEnumerable<TInput> inputs, Reading reading, TimeSpan? maxLatency, string parameter,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var worker = RentForStream();
        var source = inputs.GetAsyncEnumerator(ended.Token);
        Task<bool>? coming = null;
        try
        {
            var index = 0L;
            var firstAdded = 0L;
            while (true)
            {
                var next = source.MoveNextAsync();
                if (!next.IsCompleted)
                {
                    // While the source has nothing, what is there is computed and given.
                    coming = next.AsTask();
                    if (worker.Count > 0)
                    {
                        Finish(worker, cancellationToken);
                        for (var i = 0; i < worker.Count; i++) yield return worker.Result(i);
                        worker.Clear();
                    }

                    next = new ValueTask<bool>(coming);
                }

                var isThere = await next.ConfigureAwait(false);
                coming = null;
                if (!isThere) break;
                Check(source.Current, index, parameter);
                if (worker.Count == 0) firstAdded = Stopwatch.GetTimestamp();
                var isFinished = AddToStream(worker, source.Current, index++, reading, parameter, cancellationToken);
                if (!isFinished && !(maxLatency <= Stopwatch.GetElapsedTime(firstAdded))) continue;
                if (!isFinished) Finish(worker, cancellationToken);
                for (var i = 0; i < worker.Count; i++) yield return worker.Result(i);
                worker.Clear();
            }

            Finish(worker, cancellationToken);
            for (var i = 0; i < worker.Count; i++) yield return worker.Result(i);
        }
        finally
        {
            ReturnEntered(worker);

            // A source must not be disposed while it moves.
            await ended.CancelAsync().ConfigureAwait(false);
            if (coming is not null) await ((Task)coming).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await source.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static void Check(in TInput input, long index, string parameter)
    {
        if (TWorker.Problem(input) is { } problem) throw new ArgumentException($"{parameter}[{index}]: {problem}", parameter);
    }

    /// <summary>Returns an error that says which of several inputs caused it.</summary>
    private static ArgumentException Named(ArgumentException error, long index, string parameter) =>
        new($"{parameter}[{index}]: {error.Message}", parameter, error);

    private static void Add(
        TWorker worker, TInput input, long index, in Reading reading, string parameter, CancellationToken cancellationToken)
    {
        try
        {
            worker.Add(input, reading, cancellationToken);
        }
        catch (ArgumentException e)
        {
            throw Named(e, index, parameter);
        }
    }

    /// <summary>Adds an input of a stream. Returns true if the batch was full and has been computed.</summary>
    private bool AddToStream(
        TWorker worker, TInput input, long index, in Reading reading, string parameter, CancellationToken cancellationToken)
    {
        model.Enter();
        try
        {
            Add(worker, input, index, reading, parameter, cancellationToken);
            if (!worker.IsFull) return false;
            worker.Finish(cancellationToken);
            CountTexts(worker);
            return true;
        }
        finally
        {
            model.Exit();
        }
    }

    private void Finish(TWorker worker, CancellationToken cancellationToken)
    {
        model.Enter();
        try
        {
            worker.Finish(cancellationToken);
            CountTexts(worker);
        }
        finally
        {
            model.Exit();
        }
    }

    /// <summary>
    /// Rents a worker for a stream. A stream counts as a running call only while it computes, not while its consumer or its source pauses.
    /// </summary>
    private TWorker RentForStream()
    {
        model.Enter();
        try
        {
            model.Telemetry.CountStream();
            return RentEntered();
        }
        finally
        {
            model.Exit();
        }
    }

    private TWorker RentEntered()
    {
        lock (_idle)
        {
            if (_idle.TryPop(out var idle)) return idle;
        }

        return create(model);
    }

    /// <summary>Records for telemetry which exception ended a call. The exception is not caught.</summary>
    private static bool HasFailed(TWorker worker, Exception e)
    {
        if (worker.Call.IsSeen) worker.Call = worker.Call.Failed(e);
        return false;
    }

    private void CountTexts(TWorker worker)
    {
        if (worker.Count == 0 || (!Telemetry.SeesTexts && worker.Call.Activity is null)) return;
        var (tokens, truncated) = (0L, 0L);
        for (var i = 0; i < worker.Count; i++)
        {
            var read = worker.Read(i);
            tokens += read.TokenCount;
            if (read.IsTruncated) truncated++;
        }

        model.Telemetry.CountTexts(worker.Count, tokens, truncated, worker.Call.Activity);
    }

    private void CountBatch(TWorker worker, TimeSpan tokenization, TimeSpan computation)
    {
        var tokens = 0L;
        for (var i = 0; i < worker.Count; i++) tokens += worker.Read(i).TokenCount;
        model.Telemetry.Batched(worker.Count, tokens, tokenization, computation);
    }

    /// <summary>
    /// Returns the worker of a call. Workers have only managed memory, so those beyond the number that can compute at a time are left to
    /// the garbage collector.
    /// </summary>
    private void ReturnEntered(TWorker worker)
    {
        worker.Clear();
        worker.IsFinished = false;
        worker.Call = default;
        lock (_idle)
        {
            if (_idle.Count < model.Model.Turns.Places) _idle.Push(worker);
        }
    }
}
