using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Joint;

/// <summary>The examples of several sets, one set behind the other; the tokens stay where they are.</summary>
internal sealed class JointSet : ExampleSet
{
    private readonly ExampleSet[] _sets;
    private readonly int[] _examples;
    private readonly int[] _texts;

    public JointSet(IEnumerable<ExampleSet> sets)
    {
        _sets = [.. sets];
        _examples = Starts(_sets, static set => set.Count);
        _texts = Starts(_sets, static set => set.TextCount);
    }

    public override int Count => _examples[^1];

    public override long TokenCount => _sets.Sum(set => set.TokenCount);

    public override int TextCount => _texts[^1];

    /// <summary>As in its own set, but for the number of the text, which tells the set.</summary>
    public override Example this[int index]
    {
        get
        {
            var part = Place(_examples, index);
            var example = _sets[part][index - _examples[part]];
            return example with { Text = example.Text + _texts[part] };
        }
    }

    public override ReadOnlySpan<int> Tokens(Example example) => SetOf(example, out var own).Tokens(own);

    public override int PartOf(Example example) => Place(_texts, example.Text);

    public override (ExampleSet Set, int Example) OwnerOf(int index)
    {
        var part = Place(_examples, index);
        return (_sets[part], index - _examples[part]);
    }

    public override bool IsChosen(int text, int limit)
    {
        var part = Place(_texts, text);
        return _sets[part].IsChosen(text - _texts[part], limit);
    }

    /// <summary>The set of an example, and the example as it is there.</summary>
    public ExampleSet SetOf(Example example, out Example own)
    {
        var part = PartOf(example);
        own = example with { Text = example.Text - _texts[part] };
        return _sets[part];
    }

    /// <summary>The number of a set's first example.</summary>
    public int FirstOf(int part) => _examples[part];

    private static int[] Starts(ExampleSet[] sets, Func<ExampleSet, int> count)
    {
        var starts = new int[sets.Length + 1];
        for (var i = 0; i < sets.Length; i++) starts[i + 1] = checked(starts[i] + count(sets[i]));
        return starts;
    }

    // There are few sets; empty ones are passed over.
    private static int Place(int[] starts, int number)
    {
        var part = 0;
        while (number >= starts[part + 1]) part++;
        return part;
    }
}
