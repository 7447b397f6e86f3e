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

    /// <summary>Where the examples come from.</summary>
    public ExampleSet? Set { get; private set; }

    /// <summary>Their numbers there, one by one; some tasks have several texts an example.</summary>
    public List<int> Examples { get; } = [];

    /// <summary>Notes an example that is being added.</summary>
    public void Note(ExampleSet set, int example)
    {
        Set = set;
        Examples.Add(example);
    }

    public void Clear(int firstText)
    {
        Examples.Clear();
        Batch.Clear();
        Labels.Clear();
        FirstText = firstText;
    }
}
