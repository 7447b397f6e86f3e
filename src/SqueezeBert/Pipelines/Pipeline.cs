using System.Runtime.CompilerServices;

namespace SqueezeBert.Pipelines;

/// <summary>Runs inputs through workers, one a caller: a single input, many, a stream. Thread-safe.</summary>
internal sealed class Pipeline<TWorker, TInput, TResult>(PipelineModel model, Func<PipelineModel, TWorker> create) : IDisposable
    where TWorker : class, IPipelineWorker<TInput, TResult>
{
    private readonly SessionPool<TWorker> _workers = new(() => create(model));

    public PipelineModel Model => model;

    /// <summary>An empty worker of the caller's own until it is returned.</summary>
    public TWorker Rent()
    {
        var worker = _workers.Rent();
        worker.Clear();
        return worker;
    }

    public void Return(TWorker worker) => _workers.Return(worker);

    public TResult Run(TInput input, CancellationToken cancellationToken)
    {
        var worker = Rent();
        try
        {
            worker.Add(input, cancellationToken);
            worker.Finish(cancellationToken);
            return worker.Result(0);
        }
        finally
        {
            Return(worker);
        }
    }

    public IReadOnlyList<TResult> RunAll(IEnumerable<TInput> inputs, CancellationToken cancellationToken) =>
        [.. Stream(inputs, cancellationToken)];

    /// <summary>Results in order, a batch as soon as the token budget is spent.</summary>
    public IEnumerable<TResult> Stream(IEnumerable<TInput> inputs, CancellationToken cancellationToken)
    {
        var worker = Rent();
        try
        {
            foreach (var input in inputs)
            {
                foreach (var result in Add(worker, input, cancellationToken)) yield return result;
            }

            foreach (var result in Finish(worker, cancellationToken)) yield return result;
        }
        finally
        {
            Return(worker);
        }
    }

    public async IAsyncEnumerable<TResult> StreamAsync(
        IAsyncEnumerable<TInput> inputs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var worker = Rent();
        try
        {
            await foreach (var input in inputs.WithCancellation(cancellationToken).ConfigureAwait(false))
            {
                foreach (var result in Add(worker, input, cancellationToken)) yield return result;
            }

            foreach (var result in Finish(worker, cancellationToken)) yield return result;
        }
        finally
        {
            Return(worker);
        }
    }

    public void Dispose()
    {
        _workers.Dispose();
        model.Dispose();
    }

    // Most inputs only join the batch: nothing is made for them.
    private static IEnumerable<TResult> Add(TWorker worker, TInput input, CancellationToken cancellationToken)
    {
        worker.Add(input, cancellationToken);
        return worker.IsFull ? Finish(worker, cancellationToken) : [];
    }

    private static IEnumerable<TResult> Finish(TWorker worker, CancellationToken cancellationToken)
    {
        worker.Finish(cancellationToken);
        for (var i = 0; i < worker.Count; i++) yield return worker.Result(i);
        worker.Clear();
    }
}
