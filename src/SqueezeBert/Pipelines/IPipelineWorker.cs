using SqueezeBert.Pipelines.LongTexts;

namespace SqueezeBert.Pipelines;

/// <summary>The buffers of one call of a pipeline. Inputs are added, computed together, and their results are read by number.</summary>
internal interface IPipelineWorker<TInput, out TResult>
{
    /// <summary>The number of inputs since <see cref="Clear"/>.</summary>
    int Count { get; }

    /// <summary>Whether the token budget is used up, so that the inputs should be computed and their results read.</summary>
    bool IsFull { get; }

    /// <summary>Whether the caller already has one of the model's turns.</summary>
    bool HasTurn { get; set; }

    /// <summary>Whether everything that was added has been computed.</summary>
    bool IsFinished { get; set; }

    /// <summary>The call that uses the worker.</summary>
    ObservedCall Call { get; set; }

    /// <summary>Returns what is wrong with an input before it is read, or null.</summary>
    static abstract string? Problem(in TInput input);

    /// <summary>Returns the number of UTF-16 code units of an input, which estimates its tokens in the queue.</summary>
    static abstract long Characters(in TInput input);

    /// <summary>Removes all inputs. The buffers are kept unless they are unusually large.</summary>
    void Clear();

    /// <summary>Adds an input. If it has more windows than the budget allows, it is computed in parts meanwhile.</summary>
    void Add(TInput input, in Reading reading, CancellationToken cancellationToken);

    /// <summary>Computes what has not been computed yet.</summary>
    void Finish(CancellationToken cancellationToken);

    /// <summary>Returns how much of an input was read.</summary>
    ReadInfo Read(int item);

    /// <summary>Returns the result of an input, after <see cref="Finish"/>.</summary>
    TResult Result(int item);
}
