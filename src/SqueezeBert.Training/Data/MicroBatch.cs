using SqueezeBert.Gradients.Losses;
using SqueezeBert.Inference;

namespace SqueezeBert.Training.Data;

/// <summary>Texts that go through the model together, with their labels. Kept and filled again.</summary>
internal sealed class MicroBatch
{
    public PackedBatch Batch { get; } = new();

    public LabelBatch Labels { get; } = new();

    /// <summary>Number of the first text among those of the step.</summary>
    public int FirstText { get; private set; }

    /// <summary>Examples; some tasks have several texts an example.</summary>
    public int ExampleCount { get; set; }

    public void Clear(int firstText)
    {
        Batch.Clear();
        Labels.Clear();
        FirstText = firstText;
        ExampleCount = 0;
    }
}
