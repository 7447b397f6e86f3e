using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Files;
using SqueezeBert.Graphs.Architectures;

namespace SqueezeBert.ModelFolders.NewModels;

/// <summary>The named sizes of all architectures, and the model types with their default sizes.</summary>
internal static class ModelSizes
{
    private static readonly IReadOnlyList<(string Name, Func<ModelConfiguration> Make)> All =
    [
        .. SupportedArchitectures.All.SelectMany(architecture => architecture.Sizes is { Count: > 0 } sizes ? sizes
            : [Defaults(architecture)]),
        .. SupportedArchitectures.All.Where(architecture => architecture.Sizes.Count > 0).Select(Defaults),
    ];

    public static IReadOnlyList<string> Names { get; } = [.. All.Select(size => size.Name)];

    /// <exception cref="ArgumentException">There is no size of this name. The message contains the nearest ones.</exception>
    public static ModelConfiguration Find(string name)
    {
        foreach (var (known, make) in All)
        {
            if (string.Equals(known, name, StringComparison.OrdinalIgnoreCase)) return make();
        }

        throw new ArgumentException(
            $"there is no size '{name}'; the nearest is '{NearestNames.First(name, Names)}', all are " +
                $"{string.Join(", ", Names)}");
    }

    private static (string Name, Func<ModelConfiguration> Make) Defaults(Architecture architecture) =>
        (architecture.Layout.ModelType, () => architecture.Layout.Create(ConfigurationFields.None));
}
