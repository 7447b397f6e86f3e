using SqueezeBert.Pipelines.LongTexts;

namespace SqueezeBert.Pipelines;

/// <summary>One caller's buffers of a pipeline: inputs are added, computed together, and read back by their number.</summary>
internal interface IPipelineWorker<TInput, out TResult>
{
    /// <summary>Inputs since <see cref="Clear"/>.</summary>
    int Count { get; }

    /// <summary>Whether the token budget is spent: time to finish and read the results.</summary>
    bool IsFull { get; }

    /// <summary>Whether the caller has one of the model's turns already.</summary>
    bool HasTurn { get; set; }

    /// <summary>Whether everything that was added has been computed.</summary>
    bool IsFinished { get; set; }

    /// <summary>The call that the worker is rented for.</summary>
    ObservedCall Call { get; set; }

    /// <summary>What is wrong with an input before it is read; null: nothing.</summary>
    static abstract string? Problem(in TInput input);

    /// <summary>UTF-16 units of an input, for the length of the queue.</summary>
    static abstract long Characters(in TInput input);

    /// <summary>Forgets all inputs; keeps the buffers, unless they are unusually large.</summary>
    void Clear();

    /// <summary>Adds an input; one with more windows than the budget allows is computed in parts meanwhile.</summary>
    void Add(TInput input, in Reading reading, CancellationToken cancellationToken);

    /// <summary>Computes what is not yet computed.</summary>
    void Finish(CancellationToken cancellationToken);

    /// <summary>What was read of an input.</summary>
    ReadInfo Read(int item);

    /// <summary>The result of an input, after <see cref="Finish"/>.</summary>
    TResult Result(int item);
}
