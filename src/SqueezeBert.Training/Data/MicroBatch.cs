using SqueezeBert.Gradients.Losses;
using SqueezeBert.Inference;

namespace SqueezeBert.Training.Data;

/// <summary>The texts that the model processes together, with their labels. It is reused.</summary>
internal sealed class MicroBatch
{
    public PackedBatch Batch { get; } = new();

    public LabelBatch Labels { get; } = new();

    /// <summary>The number of the first text among those of the step.</summary>
    public int FirstText { get; private set; }

    /// <summary>The set of the examples.</summary>
    public ExampleSet? Set { get; private set; }

    /// <summary>The numbers of the examples in the set. In some tasks, an example has several texts.</summary>
    public List<int> Examples { get; } = [];

    /// <summary>Records an example that is being added.</summary>
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
