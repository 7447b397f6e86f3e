namespace SqueezeBert.Pipelines.Tagging;

/// <summary>Where in an entity a label says that its token is.</summary>
internal enum EntityPlace
{
    /// <summary>Inside, or a label that says nothing of the kind.</summary>
    Inside,

    /// <summary>The first of an entity.</summary>
    Begin,

    /// <summary>The last of an entity.</summary>
    End,

    /// <summary>All of an entity.</summary>
    Single,
}

/// <summary>A label, taken apart: "B-PER" is the beginning of "PER".</summary>
internal readonly record struct EntityTag(EntityPlace Place, string Kind)
{
    /// <summary>
    /// BIO's B- and I-; and where a kind has a B-, BIOES' E- and S-, which BILOU calls L- and U-, and BMES' M-. Other labels are kinds by
    /// themselves, whose neighbours belong together.
    /// </summary>
    public static EntityTag Parse(string label, IReadOnlyList<string> labels)
    {
        if (label.Length < 3 || label[1] != '-') return new(EntityPlace.Inside, label);
        var kind = label[2..];
        var place = label[0] switch
        {
            'B' => EntityPlace.Begin,
            'I' => EntityPlace.Inside,

            // "E-mail" may be a kind: only a label that has a beginning has an end.
            _ when !labels.Contains("B-" + kind) => (EntityPlace?)null,
            'M' => EntityPlace.Inside,
            'E' or 'L' => EntityPlace.End,
            'S' or 'U' => EntityPlace.Single,
            _ => null,
        };
        return place is { } known ? new(known, kind) : new(EntityPlace.Inside, label);
    }
}
