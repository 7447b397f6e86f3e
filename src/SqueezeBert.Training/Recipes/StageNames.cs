namespace SqueezeBert.Training.Recipes;

/// <summary>The names of stages, which are names of folders.</summary>
internal static class StageNames
{
    /// <summary>The name of a stage whose recipe gives none.</summary>
    public static string Default(int index) => FormattableString.Invariant($"stage-{index + 1}");

    /// <summary>Refuses names that are there twice: the model of the later stage would replace that of the earlier one.</summary>
    /// <exception cref="RecipeException">Two stages have the same name.</exception>
    public static void Check(Recipe recipe)
    {
        // Some file systems do not tell upper from lower case.
        var known = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < recipe.Stages.Count; i++)
        {
            var name = recipe.Stages[i].Name;
            if (known.TryAdd(name, i)) continue;
            throw new RecipeException(recipe.File, FormattableString.Invariant($"stages[{i}].name"), FormattableString.Invariant(
                $"'{name}' is the name of stages[{known[name]}] already; give each stage a name of its own (without one it is stage-N)"));
        }
    }
}
