using SqueezeBert.Evaluation;

namespace SqueezeBert.Training.Tasks;

/// <summary>Names of labels by id, and the values that stand for them in the data: those given, or as they appear.</summary>
internal sealed class LabelIds
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<string> _names = [];

    /// <param name="labels">Values and names in the order of ids; null: in order of appearance.</param>
    public LabelIds(IReadOnlyList<(string Value, string Name)>? labels)
    {
        AreFixed = labels is not null;
        foreach (var (value, name) in labels ?? [])
        {
            _ids.Add(value, _names.Count);
            _names.Add(name);
        }
    }

    /// <summary>Whether others than those given are an error.</summary>
    public bool AreFixed { get; private set; }

    public IReadOnlyList<string> Names => _names;

    /// <summary>From now on, others than those so far are an error: nothing has been trained for them.</summary>
    public void Fix() => AreFixed = true;

    /// <exception cref="DataFormatException">The label is empty, or not one of those given.</exception>
    public int Id(string value, string file, long line)
    {
        if (_ids.TryGetValue(value, out var id)) return id;
        if (AreFixed)
            throw new DataFormatException(file, line,
                $"label '{value}' is not one of {string.Join(", ", _ids.Keys.Select(key => $"'{key}'"))}; add it to \"labels\" or " +
                    "correct the row");
        if (value.Length == 0) throw new DataFormatException(file, line, "the label is empty");
        _ids.Add(value, _names.Count);
        _names.Add(value);
        return _names.Count - 1;
    }
}
