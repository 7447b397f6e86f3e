using SqueezeBert.Gradients.Losses;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Distillation;

/// <summary>The mean of the logits of some teachers, text by text in the order of the student's labels.</summary>
internal interface ITeacherLogits : ITargetRows, IDisposable
{
    /// <summary>Does what takes long, before the first batch.</summary>
    void Open(Action<string> tell, CancellationToken cancellationToken);

    /// <summary>Makes the rows of a batch, which are valid until the next.</summary>
    void Prepare(MicroBatch examples);
}
