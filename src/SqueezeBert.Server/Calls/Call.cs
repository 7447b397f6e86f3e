using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using SqueezeBert.Checkpoints;
using SqueezeBert.Extensions;
using SqueezeBert.Server.Answers;
using SqueezeBert.Server.Models;
using SqueezeBert.Server.Requests;
using SqueezeBert.Serving;

namespace SqueezeBert.Server.Calls;

/// <summary>One item of a request: its answer, or why it has none.</summary>
internal readonly record struct Outcome<T>(T? Value, RequestException? Error);

/// <summary>A running request: its body, its place among other requests, and how much was read for it.</summary>
internal sealed class Call(HttpContext context, CallServices services) : IDisposable
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private CancellationTokenSource? _ended;
    private RequestBody? _body;
    private ServedModel? _model;
    private ModelQueue? _queue;
    private long _cost;
    private bool _hasAnswer;

    public HttpContext Context => context;

    public CallServices Services => services;

    public SqueezeBertServerOptions Options => services.Options;

    public Usage Usage { get; private init; } = new(new QueueTimes());

    /// <summary>Whether there are several items.</summary>
    public bool IsBatch { get; private set; }

    /// <summary>Whether its computation began.</summary>
    public bool IsAdmitted => _model is not null;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>A token that is cancelled when the client disconnects or the request takes too long.</summary>
    public CancellationToken Token => _ended?.Token ?? context.RequestAborted;

    public RequestBody Body => _body!;

    /// <summary>The model that the route names; null where it names none.</summary>
    public ServedModel? NamedModel =>
        context.Request.RouteValues.TryGetValue("name", out var name) ? services.Models.Find((string)name!) : null;

    /// <summary>Reads the body.</summary>
    /// <exception cref="RequestException">It is refused.</exception>
    public async Task<Fields> ReadAsync()
    {
        _body = await BodyReader.ReadAsync(context, Options).ConfigureAwait(false);
        return new Fields(_body.Root);
    }

    /// <summary>A part of this request, which is admitted and counted like a request of its own.</summary>
    public Call Part() => new(context, services) { Usage = new Usage(Usage.Times) };

    /// <summary>Counts the request among those that are computed, until it ends.</summary>
    /// <param name="model">Which model.</param>
    /// <param name="cost">Its estimated tokens.</param>
    /// <param name="isBatch">Whether there are several items.</param>
    /// <exception cref="RequestException">There are too many.</exception>
    public void Admit(ServedModel model, long cost, bool isBatch) => Admit(model, model.Queue, cost, isBatch);

    /// <summary>As above, where only the model's tokenizer has work.</summary>
    public void AdmitTokenizing(ServedModel model, long cost, bool isBatch) => Admit(model, model.Tokenizing, cost, isBatch);

    /// <summary>
    /// As above, for a stream of any length. It is a request, but what it asks is in the model's queue line by line
    /// (<see cref="QueueAsync"/>): an open stream is no work.
    /// </summary>
    /// <param name="model">Which model.</param>
    /// <exception cref="RequestException">There are too many.</exception>
    public void AdmitStream(ServedModel model)
    {
        services.Enter();
        Begin(model, isBatch: true);
    }

    /// <summary>Counts the request, or a part of one, among those that are answered.</summary>
    public void Succeed() => services.Metrics.Succeeded(IsBatch, Elapsed);

    /// <summary>Counts what was read of a text.</summary>
    public void CountRead(in ReadInfo read)
    {
        Usage.Add(read);
        services.Metrics.Read(read.TokenCount);
    }

    /// <summary>Sets the answer's tag.</summary>
    /// <exception cref="RequestException">The client has the answer already.</exception>
    public void Tag<TPipeline>(PipelineLease<TPipeline> lease)
        where TPipeline : TextPipeline =>
        AnswerTag.Set(context, [new AnswerSource(lease.Fingerprint, lease.Options)], Body.Bytes.Span);

    /// <summary>Computes an item when its model's share of the machine admits it, or at once if there is only one model.</summary>
    /// <param name="cost">Its estimated tokens.</param>
    /// <param name="ask">Asks.</param>
    /// <param name="cancellationToken">The client has gone, or it takes too long.</param>
    public async Task<T> ShareAsync<T>(long cost, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var turn = await services.Models.EnterAsync(_model!, cost, cancellationToken).ConfigureAwait(false);
        return await ask(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>As above, for one of several texts, whose costs are taken to be the same.</summary>
    public Task<T> ShareAsync<T>(int count, Func<CancellationToken, Task<T>> ask) => ShareAsync(_cost / count, ask, Token);

    /// <summary>Computes a line of a stream, which waits for the model's queue by itself.</summary>
    /// <param name="cost">Its estimated tokens.</param>
    /// <param name="ask">Asks.</param>
    /// <param name="cancellationToken">The client has gone, or it takes too long.</param>
    public async Task<T> QueueAsync<T>(long cost, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        await _model!.Queue.EnterAsync(cost, cancellationToken).ConfigureAwait(false);
        var hasAnswer = false;
        try
        {
            var answer = await ShareAsync(cost, ask, cancellationToken).ConfigureAwait(false);
            hasAnswer = true;
            return answer;
        }
        finally
        {
            _model.Queue.Leave(cost, hasAnswer);
        }
    }

    /// <summary>Computes all items independently, so that an error of one item does not affect the others.</summary>
    /// <exception cref="OperationCanceledException">The client has gone, or it took too long.</exception>
    public async Task<Outcome<T>[]> RunAsync<T>(int count, Func<int, Task<T>> ask)
    {
        QueueTimes.Current = Usage.Times;
        var tasks = new Task<T>[count];
        for (var i = 0; i < count; i++)
        {
            try
            {
                tasks[i] = ask(i);
            }
            catch (Exception e)
            {
                tasks[i] = Task.FromException<T>(e);
            }
        }

        await ((Task)Task.WhenAll(tasks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Token.ThrowIfCancellationRequested();
        var outcomes = Array.ConvertAll(tasks, Outcome);
        _hasAnswer |= outcomes.Any(outcome => outcome.Error is null);
        return outcomes;
    }

    /// <summary>Like <see cref="RunAsync"/>, but an error of one item is an error of the request. The message names the item.</summary>
    /// <param name="count">How many.</param>
    /// <param name="ask">For one.</param>
    /// <param name="place">What an item is called.</param>
    public async Task<T[]> RunAllAsync<T>(int count, Func<int, Task<T>> ask, Func<int, string> place)
    {
        var outcomes = await RunAsync(count, ask).ConfigureAwait(false);
        for (var i = 0; i < count; i++)
        {
            if (outcomes[i].Error is not { } error) continue;
            throw error.Field is not null || error.Fault != Fault.Invalid ? error
                : new RequestException(error.Fault, $"{place(i)}: {error.Message}") { Field = place(i) };
        }

        return Array.ConvertAll(outcomes, outcome => outcome.Value!);
    }

    /// <summary>Runs an action that may fail because of a client's mistake.</summary>
    /// <exception cref="RequestException">The client made a mistake.</exception>
    public static T Checked<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (ArgumentException e) when (e is not ArgumentNullException)
        {
            throw new RequestException(Fault.Invalid, ErrorMessage.Of(e));
        }
        catch (UnsupportedModelException e)
        {
            throw new RequestException(Fault.Unsupported, e.Message);
        }
    }

    public void Dispose()
    {
        _body?.Dispose();
        _ended?.Dispose();
        if (_model is null) return;
        _queue?.Leave(_cost, _hasAnswer);
        services.Leave();
    }

    private void Admit(ServedModel model, ModelQueue queue, long cost, bool isBatch)
    {
        services.Enter();
        try
        {
            queue.Enter(cost);
        }
        catch
        {
            services.Leave();
            throw;
        }

        (_queue, _cost) = (queue, cost);
        Begin(model, isBatch);
        _ended!.CancelAfter(Options.RequestTimeout);
    }

    private void Begin(ServedModel model, bool isBatch)
    {
        (_model, IsBatch) = (model, isBatch);
        services.Metrics.Began(isBatch);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
    }

    private Outcome<T> Outcome<T>(Task<T> task)
    {
        if (task.IsCompletedSuccessfully) return new Outcome<T>(task.Result, null);
        if (task.IsCanceled) throw new OperationCanceledException();
        return task.Exception!.InnerException switch
        {
            RequestException error => new Outcome<T>(default, error),
            ArgumentException wrong => new Outcome<T>(default, new RequestException(Fault.Invalid, ErrorMessage.Of(wrong))),
            QueueFullException full => throw full,
            ObjectDisposedException disposed => throw disposed,
            OperationCanceledException cancelled => throw cancelled,
            var failed => new Outcome<T>(default, services.Failed(failed!, context)),
        };
    }
}
