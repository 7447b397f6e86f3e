namespace SqueezeBert.Pipelines;

/// <summary>One caller's buffers of a pipeline: inputs are added, computed together, and read back by their number.</summary>
internal interface IPipelineWorker<in TInput, out TResult> : IDisposable
{
    /// <summary>Inputs since <see cref="Clear"/>.</summary>
    int Count { get; }

    /// <summary>Whether the token budget is spent: time to finish and read the results.</summary>
    bool IsFull { get; }

    /// <summary>Forgets all inputs; keeps the buffers.</summary>
    void Clear();

    /// <summary>Adds an input; one with more windows than the budget allows is computed in parts meanwhile.</summary>
    void Add(TInput input, CancellationToken cancellationToken);

    /// <summary>Computes what is not yet computed.</summary>
    void Finish(CancellationToken cancellationToken);

    /// <summary>The result of an input, after <see cref="Finish"/>.</summary>
    TResult Result(int item);
}
