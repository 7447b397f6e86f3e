namespace SqueezeBert.Training.Recipes;

/// <summary>The field "prune" of a stage: <see cref="PruningOptions"/>.</summary>
internal static class PruningFields
{
    public static PruningOptions Read(StrictObject o)
    {
        var defaults = new PruningOptions();
        var options = new PruningOptions
        {
            Layers = (int?)o.Integer("layers", 1, 1000),
            Heads = (int?)o.Integer("heads", 1, 1 << 16),
            IntermediateSize = (int?)o.Integer("intermediate_size", 1, 1 << 20),
            Examples = (int)(o.Integer("examples", 1, int.MaxValue) ?? defaults.Examples),
        };
        o.End();
        if (options is { Layers: null, Heads: null, IntermediateSize: null })
            throw o.Error("layers", "is missing: give layers, heads or intermediate_size that stay");
        return options;
    }
}
