namespace SqueezeBert.ModelFolders.Onnx.Writing;

/// <summary>
/// The inputs of transformers' exports, int64 with the shape [batch, tokens] or, for multiple choice, [batch, choices, tokens], and the
/// values that layers derive from them. Each value is written once.
/// </summary>
internal sealed class ModelInputs
{
    public const string Batch = "batch_size", Choices = "num_choices", Length = "sequence_length";

    /// <summary>The number that is added to the scores of padding, for which the softmax gives zero.</summary>
    private const float Masked = -10000;

    private readonly OnnxFile _file;
    private readonly bool _hasChoices;
    private readonly Dictionary<int, string> _kept = [];
    private string? _scoreMask;
    private string? _positions;

    /// <param name="file">The file that is written.</param>
    /// <param name="hasChoices">Whether a text is one choice of several.</param>
    /// <param name="hasTypes">Whether the model has token type ids.</param>
    public ModelInputs(OnnxFile file, bool hasChoices, bool hasTypes)
    {
        (_file, _hasChoices) = (file, hasChoices);

        // All inputs are declared before the first operator.
        string[] names = hasTypes ? ["input_ids", "attention_mask", "token_type_ids"] : ["input_ids", "attention_mask"];
        foreach (var name in names)
        {
            if (hasChoices) file.Input(name, OnnxTensor.Int64, Batch, Choices, Length);
            else file.Input(name, OnnxTensor.Int64, Batch, Length);
        }

        TokenIds = OfTexts("input_ids");
        AttentionMask = OfTexts("attention_mask");
        TypeIds = hasTypes ? OfTexts("token_type_ids") : null;
    }

    /// <summary>The name of the number of texts.</summary>
    private string Texts => _hasChoices ? $"{Batch}*{Choices}" : Batch;

    /// <summary>[texts, tokens].</summary>
    public string TokenIds { get; }

    /// <summary>[texts, tokens], 1 for tokens and 0 for padding.</summary>
    public string AttentionMask { get; }

    /// <summary>[texts, tokens], or null if the model has no token types.</summary>
    public string? TypeIds { get; }

    /// <summary>The number of choices of a question, as a list with one element.</summary>
    public string ChoiceCount => _file.Add("Gather", [_file.Add("Shape", ["input_ids"]), _file.Integers(1)], ("axis", 0L));

    /// <summary>[texts, tokens]: 0, 1, 2, … for each text. ONNX Runtime's optimizer recognizes embeddings by this form.</summary>
    public string Positions
    {
        get
        {
            if (_positions is not null) return _positions;
            var count = _file.Add("Range", [_file.Index(0), _file.Size(TokenIds, 1), _file.Index(1)]);
            return _positions = _file.Add("Expand", [_file.Unsqueeze(count, 0), _file.Add("Shape", [TokenIds])]);
        }
    }

    /// <summary>[texts, 1, 1, tokens]: 0 for tokens, a large negative number for padding.</summary>
    public string ScoreMask => _scoreMask ??= _file.Add("Mul", [
        _file.Add("Sub", [_file.Scalar(1), _file.Cast(_file.Unsqueeze(_file.Unsqueeze(AttentionMask, 1), 2), OnnxTensor.Float)]),
        _file.Scalar(Masked),
    ]);

    /// <summary>The mask as numbers with an axis of channels at <paramref name="axis"/>: [texts, 1, tokens].</summary>
    public string Kept(int axis)
    {
        if (_kept.TryGetValue(axis, out var name)) return name;
        return _kept[axis] = _file.Cast(_file.Unsqueeze(AttentionMask, axis), OnnxTensor.Float);
    }

    /// <summary>The sizes of a value: numbers for channels, and names for dynamic sizes.</summary>
    public object[] Sizes(int channels, Layout layout, bool isByToken) => !isByToken ? [Texts, channels]
        : layout == Layout.Tokens ? [Texts, Length, channels] : [Texts, channels, Length];

    /// <summary>An input as [texts, tokens].</summary>
    private string OfTexts(string name)
    {
        if (!_hasChoices) return name;
        var length = _file.Add("Gather", [_file.Add("Shape", [name]), _file.Integers(2)], ("axis", 0L));
        return _file.Add("Reshape", [name, _file.Add("Concat", [_file.Integers(-1), length], ("axis", 0L))]);
    }
}
