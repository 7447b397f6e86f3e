using System.Text.Json.Nodes;
using SqueezeBert.Checkpoints;
using SqueezeBert.Graphs;
using SqueezeBert.Graphs.Architectures;
using SqueezeBert.Graphs.Nodes;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Kernels;

namespace SqueezeBert.ModelFolders.Quantization;

/// <summary>
/// Determines which parameters of a model are stored as integers, and describes it for config.json. The weights of linear layers are stored
/// in 8 bits, embedding tables as requested, and all other parameters as numbers.
/// </summary>
internal sealed class QuantizationPlan
{
    private const string Weight = ".weight";
    private readonly Dictionary<string, StoredForm> _forms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredForm> _tables = new(StringComparer.Ordinal);
    private bool _hasLinears;
    private readonly List<string> _ignored = [];
    private readonly Func<string, string> _canonical;

    private QuantizationPlan(Func<string, string> canonical) => _canonical = canonical;

    /// <param name="configuration">The configuration, whose graph determines the parameters.</param>
    /// <param name="tables">The number format of tables.</param>
    /// <param name="canonical">Maps all spellings of a parameter to one name.</param>
    /// <exception cref="UnsupportedModelException">The head is not supported, or the model has nothing to quantize.</exception>
    public static QuantizationPlan Of(ModelConfiguration configuration, TablePrecision tables, Func<string, string> canonical)
    {
        var graph = ModelGraph.Create(configuration, ModelGraph.HeadOf(configuration));
        var plan = new QuantizationPlan(canonical);
        foreach (var embed in graph.Nodes.OfType<EmbedNode>().Where(_ => tables != TablePrecision.Float32))
        {
            foreach (var table in embed.Tables)
            {
                if (table.Weight is Parameter parameter)
                    plan._tables[parameter.Name] = tables == TablePrecision.Int4 && table.Index == EmbeddingIndex.TokenId
                        ? StoredForm.Int4 : StoredForm.Int8;
            }
        }

        foreach (var ngrams in graph.Nodes.OfType<NgramNode>().Where(_ => tables != TablePrecision.Float32))
            plan._tables[ngrams.Table.Name] = StoredForm.Int8;

        // A part of a larger matrix has no scales of its own when the whole is rounded.
        var parts = graph.Nodes.SelectMany(node => node.Expressions).Where(expression => expression is not Parameter)
            .SelectMany(expression => expression.Leaves).ToHashSet();
        foreach (var linear in graph.Nodes.OfType<LinearNode>())
        {
            if (linear.Weight is Parameter { Kind: ParameterKind.Weight } parameter && !parts.Contains(parameter))
            {
                plan._forms[canonical(parameter.Name)] = StoredForm.Int8;
                plan._hasLinears = true;
                continue;
            }

            plan._ignored.Add(SupportedArchitectures.Of(configuration).Decoder);
            plan._ignored.AddRange(
                linear.Weight.Leaves.Where(leaf => leaf.Kind == ParameterKind.Weight).Select(leaf => ModuleOf(leaf.Name)));
        }

        foreach (var (name, form) in plan._tables) plan._forms[canonical(name)] = form;
        if (plan._forms.Count > 0) return plan;
        throw new UnsupportedModelException(
            $"a {configuration.ModelType} model has no linear layers to quantize; choose how its table is stored (--table int8 or int4)");
    }

    /// <summary>Returns how a tensor is stored, given any of its names.</summary>
    public StoredForm FormOf(string name) => _forms.GetValueOrDefault(_canonical(name));

    /// <summary>Returns the value of the field, in the format of compressed-tensors.</summary>
    public JsonObject Describe()
    {
        var groups = new JsonObject();
        if (_hasLinears) AddGroup(groups, ["Linear", "Conv1d"], StoredForm.Int8, hasActivations: true);
        var word = _tables.Where(table => table.Value == StoredForm.Int4).Select(table => ModuleOf(table.Key)).ToList();
        var other = _tables.Where(table => table.Value == StoredForm.Int8).Select(table => ModuleOf(table.Key)).ToList();
        if (word.Count > 0) AddGroup(groups, word, StoredForm.Int4, hasActivations: false);
        if (other.Count > 0) AddGroup(groups, word.Count > 0 ? other : ["Embedding"], StoredForm.Int8, hasActivations: false);
        return new JsonObject
        {
            ["quant_method"] = QuantizationSettings.Method,
            ["format"] = word.Count == 0 ? QuantizationSettings.Plain : groups.Count == 1 ? QuantizationSettings.Packed
                : QuantizationSettings.Mixed,
            ["quantization_status"] = "compressed",
            ["global_compression_ratio"] = null,
            ["kv_cache_scheme"] = null,
            ["ignore"] = Texts(_ignored.Distinct()),
            ["config_groups"] = groups,
        };
    }

    private static void AddGroup(JsonObject groups, IEnumerable<string> targets, StoredForm form, bool hasActivations) =>
        groups.Add($"group_{groups.Count}", new JsonObject
        {
            ["targets"] = Texts(targets),
            ["weights"] = Arguments(form == StoredForm.Int4 ? 4 : 8, "channel", isDynamic: false),
            ["input_activations"] = hasActivations ? Arguments(8, "token", isDynamic: true) : null,
            ["output_activations"] = null,
            ["format"] = form == StoredForm.Int4 ? QuantizationSettings.Packed : QuantizationSettings.Plain,
        });

    private static JsonObject Arguments(int bits, string strategy, bool isDynamic) => new()
    {
        ["num_bits"] = bits,
        ["type"] = "int",
        ["symmetric"] = true,
        ["group_size"] = null,
        ["strategy"] = strategy,
        ["block_structure"] = null,
        ["dynamic"] = isDynamic,
        ["actorder"] = null,
        ["observer"] = isDynamic ? null : "minmax",
        ["observer_kwargs"] = new JsonObject(),
    };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static string ModuleOf(string name) => name.EndsWith(Weight, StringComparison.Ordinal) ? name[..^Weight.Length] : name;
}
